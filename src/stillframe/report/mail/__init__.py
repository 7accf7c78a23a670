"""Mails: one structure for each message, its HTML and its text made from it, and the one picture in it."""

from stillframe.report.mail.asking import asking_mail
from stillframe.report.mail.composing import RowNames, change_mail
from stillframe.report.mail.document import Mail, Picture
from stillframe.report.mail.gate import gate_mail
from stillframe.report.mail.html import mail_html
from stillframe.report.mail.picture import change_picture, history_picture, metric_of
from stillframe.report.mail.text import mail_text

__all__ = [
    "Mail",
    "Picture",
    "RowNames",
    "asking_mail",
    "change_mail",
    "change_picture",
    "gate_mail",
    "history_picture",
    "mail_html",
    "mail_text",
    "metric_of",
]
