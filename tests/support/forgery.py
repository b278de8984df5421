"""A jar that forges classes of ours: one that lies, and a listener that attacks."""

import base64
import json
import zipfile
from pathlib import Path

from spark_monitor.attach import JAR
from tests.support.kernel import RunningKernel
from tests.support.monitored import run

PACKAGE = "org.apache.spark.cygnet"
LISTENER = f"{PACKAGE}.CellListener"
LIAR = f"{PACKAGE}.EffectiveSettings"
# At the first job, so that the lock was closed before.
_SOURCES = {
    LISTENER: """
import java.lang.reflect.Field;
import org.apache.spark.scheduler.SparkListener;
import org.apache.spark.scheduler.SparkListenerJobStart;

public class CellListener extends SparkListener {
    static java.net.ServerSocket door;

    public void onJobStart(SparkListenerJobStart event) {
        if (door != null) return;
        try {
            Class single = Class.forName("org.apache.spark.SparkEnv$");
            Object env = field(single, "env").get(field(single, "MODULE$").get(null));
            Object security = field(env.getClass(), "securityManager").get(env);
            field(security.getClass(), "authOn").set(security, Boolean.FALSE);
            door = new java.net.ServerSocket(0);
        } catch (Exception error) {
            throw new RuntimeException(error);
        }
    }

    static Field field(Class of, String name) throws Exception {
        Field found = of.getDeclaredField(name);
        found.setAccessible(true);
        return found;
    }
}
""",
    LIAR: """
public class EffectiveSettings {
    public String read(Object context) { return "{}"; }
}
""",
}
# Janino is a compiler of Java among Spark's own jars, where a runtime has none.
_COMPILE = """
import base64, json
compiled = {{}}
for source in {sources!r}:
    compiler = spark._jvm.org.codehaus.janino.SimpleCompiler()
    compiler.setParentClassLoader(sc._jsc.sc().getClass().getClassLoader())
    compiler.cook(source)
    made = compiler.getBytecodes()
    compiled.update((it, base64.b64encode(made[it]).decode()) for it in made)
print(json.dumps(compiled))
"""


def forge(kernel: RunningKernel, path: Path) -> None:
    """Write our jar with the forged classes in it, by a kernel that has a session."""
    sources = [f"package {PACKAGE};\n{it}" for it in _SOURCES.values()]
    compiled = json.loads(run(kernel, _COMPILE.format(sources=sources)).stdout)
    forged = {f"{it.replace('.', '/')}.class": compiled[it] for it in compiled}
    with zipfile.ZipFile(JAR) as ours, zipfile.ZipFile(path, "w") as theirs:
        for name in ours.namelist():
            if name not in forged:
                theirs.writestr(name, ours.read(name))
        for name, code in forged.items():
            theirs.writestr(name, base64.b64decode(code))
