"""Russian."""

from __future__ import annotations

from stillframe.model.payload import Number
from stillframe.report.languages.health_words import RUSSIAN_HEALTH
from stillframe.report.languages.interface import Language, PluralCategory

_NARROW_NO_BREAK_SPACE = "\u202f"


def plural(number: Number) -> PluralCategory:
    """
    Return the category of a number.

    Source  CLDR 47, plural rules of `ru`: one for 1, 21, 31 …, few for 2 to 4, 22 to 24 …, many for the other whole
            numbers, other for fractions.

    >>> [plural(number) for number in (1, 3, 5, 11, 12, 21, 112, 1.5)]
    ['one', 'few', 'many', 'many', 'many', 'one', 'many', 'other']
    """
    if isinstance(number, float):
        return "other"
    units, tens = abs(number) % 10, abs(number) % 100
    if units == 1 and tens != 11:
        return "one"
    return "few" if units in (2, 3, 4) and tens not in (12, 13, 14) else "many"


def ordinal(rank: int) -> str:
    """
    Return a rank as a word, in the neuter that `место` (place) asks for.

    >>> ordinal(1), ordinal(23)
    ('1-е', '23-е')
    """
    return f"{rank:,}-е".replace(",", _NARROW_NO_BREAK_SPACE)


TEXTS = {
    **RUSSIAN_HEALTH,
    "figure.nothing": "нет",
    "figure.true": "истина",
    "figure.false": "ложь",
    "figure.unnamed": "(без имени)",
    "figure.less_than": "менее {share}",
    # the headline
    "headline.nothing": "Изменений нет",
    "headline.something": "Есть изменения",
    "rank.gone": "{who}: больше нет (место было {old})",
    "rank.new": "{who}: новая строка, место {new}",
    "rank.rose": "{who}: подъём, место {old} → {new}",
    "rank.fell": "{who}: спуск, место {old} → {new}",
    "metric.gone": "{what}: больше нет (было {old})",
    "metric.new": "{what}: новый показатель, {new}",
    "metric.empty": "{what}: нет значения (было {old})",
    "metric.again": "{what}: снова есть значение, {new}",
    "metric.changed": "{what}: было {old}, стало {new}",
    "metric.up": "{what}: рост на {by}, до {new}",
    "metric.down": "{what}: снижение на {by}, до {new}",
    "metric.up_from": "{what}: рост с {old} до {new}",
    "metric.down_from": "{what}: снижение с {old} до {new}",
    "value.changed": "{row}, {field}: было {old}, стало {new}",
    "value.up": "{row}, {field}: рост на {by}, до {new}",
    "value.down": "{row}, {field}: снижение на {by}, до {new}",
    "value.up_from": "{row}, {field}: рост с {old} до {new}",
    "value.down_from": "{row}, {field}: снижение с {old} до {new}",
    "dimension.state": "{what}: {state}",
    "dimension.scores": "{said} ({old} → {new})",
    "schema.panel": "панель {panel}",
    "schema.column": "столбец {column} панели {panel}",
    "schema.rekeyed": "ключ панели {panel} теперь {new}",
    "schema.retyped": "{what}: тип был {old}, стал {new}",
    "schema.added": "{what}: добавлено",
    "schema.removed": "{what}: удалено",
    "panel.changes": "{panel}: {changes}",
    # words
    "state.improved": "лучше",
    "state.regressed": "хуже",
    "state.unchanged": "без изменений",
    "state.changed": "изменилось",
    "state.missing": "нет данных",
    "state.new": "новое",
    "state.gone": "удалено",
    "state.resolved": "устранено",
    "state.entered": "в первых строках",
    "state.left": "ниже первых строк",
    "state.moved": "другое место",
    "state.measured": "измерено",
    "trend.improving": "улучшение",
    "trend.declining": "ухудшение",
    "trend.stable": "без изменений",
    "trend.insufficient_history": "мало данных",
    "level.full": "полная: оба сняты одинаково",
    "level.partial": "частичная",
    "reason.view_spec_hash differs": "определение панели другое (view_spec_hash)",
    "reason.analyzer_version differs": "версия анализатора другая (analyzer_version)",
    "reason.rule_version differs": "версия правил другая (rule_version)",
    "reason.formula_digest differs": "формула оценок другая (formula_digest)",
    "status.good": "полный",
    "status.empty": "пустой",
    "status.partial": "частичный",
    "trigger.manual": "вручную",
    "trigger.api": "API",
    "trigger.cli": "командная строка",
    "trigger.push": "отправка данных",
    "trigger.schedule": "расписание",
    "trigger.release_gate_pre": "контроль выпуска, до",
    "trigger.release_gate_post": "контроль выпуска, после",
    "yes": "да",
    "no": "нет",
    # what a document is
    "document.snapshot": "Снимок",
    "document.compare": "Отчёт о сравнении",
    "document.frame": "кадр {sequence}",
    "document.frames": "кадры {first} и {second}",
    "document.page": "страница {page} из {pages}",
    "document.proof": "SHA-256 {hash}",
    "document.view_proof": "частичный вид, SHA-256 {hash}",
    # sections
    "section.changed": "Что изменилось",
    "section.evidence": "Свидетельство",
    "section.sources": "Источники",
    "section.metrics": "Показатели",
    "section.dimensions": "Измерения",
    "section.measures": "Меры",
    "section.findings": "Замечания",
    "section.moves": "Перемещения",
    "section.values": "Значения",
    "section.sets": "Добавленные и удалённые строки",
    "section.trend": "Динамика",
    "section.schema": "Состав данных",
    "section.drilldown": "Подробности",
    "section.previews": "{category}: добавлено, устранено, изменено",
    # facts of a record
    "fact.scope": "Область",
    "fact.id": "Снимок",
    "fact.sequence": "Кадр",
    "fact.timestamp": "Снято",
    "fact.as_of": "Данные на",
    "fact.initiator": "Инициатор",
    "fact.trigger": "Повод",
    "fact.reason": "Причина",
    "fact.status": "Состояние",
    "fact.late": "Запоздалый",
    "fact.content_hash": "Содержимое, SHA-256",
    "fact.view_hash": "Частичный вид, SHA-256",
    "fact.view_spec_hash": "Определение, SHA-256",
    "fact.formula_digest": "Формула, SHA-256",
    "fact.analyzer_version": "Версия анализатора",
    "fact.rule_version": "Версия правил",
    "fact.source_ref": "Ссылка на источник",
    "fact.retention_class": "Класс хранения",
    "fact.immutable": "Не удаляется",
    "fact.lifecycle_state": "Жизненный цикл",
    "fact.parent": "Предыдущий снимок",
    "fact.trend": "Направление",
    "fact.comparability": "Сопоставимость",
    # columns
    "column.rank": "№",
    "column.row": "Строка",
    "column.before": "До",
    "column.after": "После",
    "column.move": "Сдвиг",
    "column.field": "Поле",
    "column.old": "Было",
    "column.new": "Стало",
    "column.delta": "Разница",
    "column.share": "%",
    "column.state": "Состояние",
    "column.metric": "Показатель",
    "column.value": "Значение",
    "column.unit": "Единица",
    "column.tolerance": "Допуск",
    "column.better": "Лучше",
    "column.dimension": "Измерение",
    "column.measure": "Мера",
    "column.measures": "Мер",
    "column.score": "Оценка",
    "column.status": "Состояние",
    "column.severity": "Важность",
    "column.title": "Название",
    "column.location": "Место",
    "column.id": "Ключ",
    "column.project": "Проект",
    "column.source": "Источник",
    "column.type": "Тип",
    "column.rows": "Строк",
    "column.milliseconds": "мс",
    "column.file": "Файл",
    "column.bytes": "Байт",
    "column.tool": "Инструмент",
    "column.hash": "SHA-256",
    "column.details": "Подробности",
    "column.what": "Что",
    "column.category": "Раздел",
    "column.improved": "Лучше",
    "column.regressed": "Хуже",
    "column.changed": "Изменено",
    "column.added": "Добавлено",
    "column.removed": "Удалено",
    "column.resolved": "Устранено",
    "column.moved": "Сдвинулось",
    "better.higher": "больше",
    "better.lower": "меньше",
    "better.none": "",
    # remarks
    "remark.view": (
        "Это частичный вид: строки, средние и места рассчитаны по тем участникам, которые доступны читателю. Его имя — "
        "хеш этого вида; хеш целого не сообщается."
    ),
    "remark.empty": "Снимок пуст: источник не дал строк там, где в последнем полном снимке они были.",
    "remark.partial": "Снимок частичный: по одному из участников нет свидетельств.",
    "remark.not_comparable": "Снимки сделаны по-разному: {reasons}.",
    "remark.no_rows": "Строк нет.",
    "remark.top": "Места среди первых {top} строк.",
    "remark.same": "Различий нет.",
    "remark.attached": "Данные этого документа вложены в него: {files}.",
    "move.up": "▲ {n}",
    "move.down": "▼ {n}",
    "move.new": "новая",
    "move.gone": "нет",
    "delta.from_zero": "от нуля",
    "delta.overflow": "слишком велика",
    # charts
    "chart.before": "до",
    "chart.after": "после",
    "chart.nothing": "нет данных",
    "chart.tolerance": "допуск",
    "chart.limit": "предел",
    "chart.range": "от наименьшего до наибольшего",
    "chart.came_from": "с {rank}",
    "chart.went_to": "на {rank}",
    "chart.top": "первые {top}",
    "grain.hour": "{day} {month} {time}",
    "grain.day": "{day} {month}",
    "grain.month": "{month} {year}",
    "grain.year": "{year}",
}

COUNTED: dict[str, dict[PluralCategory, str]] = {
    "headline.others_moved": {
        "one": "сдвинулась ещё {n} строка",
        "few": "сдвинулись ещё {n} строки",
        "many": "сдвинулось ещё {n} строк",
        "other": "сдвинулось ещё {n} строки",
    },
    "headline.moved_below": {
        "one": "сдвинулась {n} строка ниже первых {top}",
        "few": "сдвинулись {n} строки ниже первых {top}",
        "many": "сдвинулось {n} строк ниже первых {top}",
        "other": "сдвинулось {n} строки ниже первых {top}",
    },
    "headline.added": {
        "one": "добавлена {n}",
        "few": "добавлены {n}",
        "many": "добавлено {n}",
        "other": "добавлено {n}",
    },
    "headline.more_added": {
        "one": "добавлена ещё {n}",
        "few": "добавлены ещё {n}",
        "many": "добавлено ещё {n}",
        "other": "добавлено ещё {n}",
    },
    "headline.removed": {
        "one": "удалена {n}",
        "few": "удалены {n}",
        "many": "удалено {n}",
        "other": "удалено {n}",
    },
    "headline.more_removed": {
        "one": "удалена ещё {n}",
        "few": "удалены ещё {n}",
        "many": "удалено ещё {n}",
        "other": "удалено ещё {n}",
    },
    "headline.other_values": {
        "one": "изменилось ещё {n} значение",
        "few": "изменились ещё {n} значения",
        "many": "изменилось ещё {n} значений",
        "other": "изменилось ещё {n} значения",
    },
    "headline.changes": {
        "one": "{n} изменение",
        "few": "{n} изменения",
        "many": "{n} изменений",
        "other": "{n} изменения",
    },
    "headline.findings_added": {
        "one": "добавлено {n} замечание",
        "few": "добавлены {n} замечания",
        "many": "добавлено {n} замечаний",
        "other": "добавлено {n} замечания",
    },
    "headline.findings_resolved": {
        "one": "устранено {n} замечание",
        "few": "устранены {n} замечания",
        "many": "устранено {n} замечаний",
        "other": "устранено {n} замечания",
    },
    "headline.other_shapes": {
        "one": "ещё {n} изменение состава",
        "few": "ещё {n} изменения состава",
        "many": "ещё {n} изменений состава",
        "other": "ещё {n} изменения состава",
    },
    "cut.rows": {
        "one": "первые {shown} из {n} строки",
        "few": "первые {shown} из {n} строк",
        "many": "первые {shown} из {n} строк",
        "other": "первые {shown} из {n} строки",
    },
    "cut.columns": {
        "one": "ещё {n} столбец: {names}",
        "few": "ещё {n} столбца: {names}",
        "many": "ещё {n} столбцов: {names}",
        "other": "ещё {n} столбца: {names}",
    },
    "remark.moved": {
        "one": "Другое место у {n} строки.",
        "few": "Другое место у {n} строк.",
        "many": "Другое место у {n} строк.",
        "other": "Другое место у {n} строки.",
    },
    "remark.substituted": {
        "one": (
            "{n} знак, которого нет в шрифтах этого документа, показан кодом Юникода в скобках. Подлинный текст — "
            "во вложенном JSON."
        ),
        "few": (
            "{n} знака, которых нет в шрифтах этого документа, показаны кодами Юникода в скобках. Подлинный текст — "
            "во вложенном JSON."
        ),
        "many": (
            "{n} знаков, которых нет в шрифтах этого документа, показаны кодами Юникода в скобках. Подлинный текст — "
            "во вложенном JSON."
        ),
        "other": (
            "{n} знака, которых нет в шрифтах этого документа, показаны кодами Юникода в скобках. Подлинный текст — "
            "во вложенном JSON."
        ),
    },
}

NAMES = {
    "health": "здоровье",
    "audit": "аудит",
    "compliance": "соответствие",
    "release": "выпуск",
    "sca": "SCA",
    "quality": "качество",
    "findings": "замечания",
    "rows": "строки",
    "dimensions": "измерения",
    "projects": "проекты",
    "health_score": "оценка здоровья",
    "mean_health": "среднее здоровье",
    "worst_health": "худшее здоровье",
    "members": "участники",
    "members_without_score": "участники без оценки",
    ".score": "(оценка)",
}

RUSSIAN = Language(
    code="ru",
    own_name="русский",
    texts=TEXTS,
    counted=COUNTED,
    names=NAMES,
    categories=("one", "few", "many", "other"),
    plural=plural,
    ordinal=ordinal,
    months=(
        "января", "февраля", "марта", "апреля", "мая", "июня", "июля", "августа", "сентября", "октября", "ноября",
        "декабря",
    ),
    short_months=("янв", "фев", "мар", "апр", "мая", "июн", "июл", "авг", "сен", "окт", "ноя", "дек"),
    date="{day} {month} {year} г.",
    decimal_mark=",",
    group_mark=_NARROW_NO_BREAK_SPACE,
)  # fmt: skip
