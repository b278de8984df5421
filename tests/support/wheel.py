"""A wheel of one line, made without any tool."""

import base64
import io
import zipfile

TEXTS = {
    "METADATA": "Metadata-Version: 2.1\nName: {name}\nVersion: {version}\n",
    "WHEEL": "Wheel-Version: 1.0\nGenerator: test\nRoot-Is-Purelib: true\n"
    "Tag: py3-none-any\n",
    "RECORD": "",
}


def wheel(name: str, version: str, module: str) -> str:
    """Give a wheel with one module, whose `ORIGIN` is `name version`, as base64."""
    file = io.BytesIO()
    with zipfile.ZipFile(file, "w") as archive:
        archive.writestr(f"{module}.py", f"ORIGIN = '{name} {version}'\n")
        for part, text in TEXTS.items():
            path = f"{name}-{version}.dist-info/{part}"
            archive.writestr(path, text.format(name=name, version=version))
    return base64.b64encode(file.getvalue()).decode()
