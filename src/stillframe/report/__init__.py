"""Values in; words, charts, JSON, Markdown, PDF source, trends out."""
