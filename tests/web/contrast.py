"""Contrast of colours as WCAG 2 defines it, measured on what the browser really shows."""

from __future__ import annotations

from playwright.sync_api import Locator

_COLOURS = """(element) => {
  const pixel = (text) => {
    const context = document.createElement('canvas').getContext('2d');
    context.fillStyle = text; context.fillRect(0, 0, 1, 1);
    return Array.from(context.getImageData(0, 0, 1, 1).data);
  };
  let behind = element;
  let ground = pixel(getComputedStyle(behind).backgroundColor);
  while (ground[3] < 255 && behind.parentElement) {
    behind = behind.parentElement;
    ground = pixel(getComputedStyle(behind).backgroundColor);
  }
  return [pixel(getComputedStyle(element).color), ground];
}"""


def contrast(element: Locator) -> float:
    """The ratio between an element's text and the first opaque ground behind it, 1…21."""
    ink, ground = element.evaluate(_COLOURS)
    assert ground[3] == 255, "there is no ground behind the text"
    bright, dark = sorted((_luminance(ink), _luminance(ground)), reverse=True)
    return (bright + 0.05) / (dark + 0.05)


def _luminance(pixel: list[int]) -> float:
    parts = [value / 255 for value in pixel[:3]]
    linear = [part / 12.92 if part <= 0.04045 else ((part + 0.055) / 1.055) ** 2.4 for part in parts]
    return 0.2126 * linear[0] + 0.7152 * linear[1] + 0.0722 * linear[2]
