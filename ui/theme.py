"""Curbside's look: system fonts, one accent colour, light and dark. The rest is `assets/curbside.css`."""

from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from gradio.themes import Base

_FONTS = ("system-ui", "-apple-system", "Segoe UI", "Roboto", "Helvetica Neue", "Noto Sans", "sans-serif")
_MONO = ("ui-monospace", "SFMono-Regular", "Menlo", "Consolas", "monospace")

_PALETTE = {
    # variable of Gradio: (light, dark); the values are the ones that curbside.css names
    "body_background_fill": ("#f4f6f7", "#11171a"),
    "body_text_color": ("#1c252b", "#e4eaed"),
    "body_text_color_subdued": ("#5a6770", "#9dabb4"),
    "background_fill_primary": ("#ffffff", "#182025"),
    "background_fill_secondary": ("#f4f6f7", "#11171a"),
    "block_background_fill": ("#ffffff", "#182025"),
    "block_label_background_fill": ("#ffffff", "#182025"),
    "block_label_text_color": ("#5a6770", "#9dabb4"),
    "block_title_text_color": ("#1c252b", "#e4eaed"),
    "border_color_primary": ("#d9e0e4", "#2b363d"),
    "border_color_accent": ("#0b6b6b", "#5cc6be"),
    "block_border_color": ("#d9e0e4", "#2b363d"),
    "input_background_fill": ("#ffffff", "#12191d"),
    "input_border_color": ("#c3cdd3", "#3a474f"),
    "input_border_color_focus": ("#0b6b6b", "#5cc6be"),
    "input_placeholder_color": ("#6c7982", "#8b99a2"),
    "button_primary_background_fill": ("#0b6b6b", "#5cc6be"),
    "button_primary_background_fill_hover": ("#095757", "#7ad4cd"),
    "button_primary_border_color": ("#0b6b6b", "#5cc6be"),
    "button_primary_text_color": ("#ffffff", "#0c1f1f"),
    "button_primary_text_color_hover": ("#ffffff", "#0c1f1f"),
    "button_secondary_background_fill": ("#ffffff", "#182025"),
    "button_secondary_background_fill_hover": ("#eaf3f2", "#1d3233"),
    "button_secondary_border_color": ("#c3cdd3", "#3a474f"),
    "button_secondary_text_color": ("#1c252b", "#e4eaed"),
    "button_secondary_text_color_hover": ("#1c252b", "#e4eaed"),
    "color_accent_soft": ("#e3f0ef", "#1c3637"),
    "link_text_color": ("#0b6b6b", "#5cc6be"),
}


def build_theme() -> "Base":
    """A Gradio theme that loads no font from anywhere."""
    from gradio.themes import Base, Color

    teal = Color(
        name="curbside",
        c50="#eef7f6", c100="#e3f0ef", c200="#bfdedb", c300="#8ec8c3", c400="#5cc6be", c500="#2a9089",
        c600="#0b6b6b", c700="#095757", c800="#0a4545", c900="#0a3636", c950="#062424",
    )  # fmt: skip
    theme = Base(primary_hue=teal, neutral_hue="slate", text_size="md", radius_size="md", font=_FONTS, font_mono=_MONO)
    values = {name: light for name, (light, _) in _PALETTE.items()}
    values |= {f"{name}_dark": dark for name, (_, dark) in _PALETTE.items()}
    return theme.set(
        **values, color_accent="*primary_600", block_border_width="0px", block_shadow="none", button_large_radius="8px"
    )
