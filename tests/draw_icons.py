"""Draw the icons of the installed application: python -m tests.draw_icons."""

import base64
import shutil

from playwright.sync_api import sync_playwright

from core.paths import assets_dir

ICONS = assets_dir() / "icons"
# name → pixels, share of the square that the drawing fills, background
SIZES = {
    "picholine-192.png": (192, 0.92, "transparent"),
    "picholine-512.png": (512, 0.92, "transparent"),
    "picholine-maskable.png": (512, 0.58, "#f4f4ee"),  # systems cut its edges to their own shape
}


def main() -> None:
    drawing = base64.b64encode((ICONS / "picholine.svg").read_bytes()).decode()
    with sync_playwright() as playwright:
        browser = playwright.chromium.launch(
            executable_path=shutil.which("chromium"), args=["--no-sandbox"]
        )
        for name, (pixels, share, ground) in SIZES.items():
            page = browser.new_page(viewport={"width": pixels, "height": pixels})
            page.set_content(
                f'<body style="margin:0;display:grid;place-items:center;height:100vh;'
                f'background:{ground}"><img style="width:{share:.0%}" '
                f'src="data:image/svg+xml;base64,{drawing}"></body>'
            )
            page.locator("img").evaluate("image => image.decode()")
            page.screenshot(path=ICONS / name, omit_background=True)
        browser.close()


if __name__ == "__main__":
    main()
