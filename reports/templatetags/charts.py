from __future__ import annotations

from django import template
from django.templatetags.static import static

from reports.pages.plotly import SCRIPT

register = template.Library()


@register.simple_tag
def plotly_script() -> str:
    """The address of Plotly's script."""
    return static(SCRIPT)
