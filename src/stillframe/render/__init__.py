"""Compile PDF source and chart specifications, in a child process (window)."""

from stillframe.render.documents import pdf_document
from stillframe.render.renderer import Renderer

__all__ = ["Renderer", "pdf_document"]
