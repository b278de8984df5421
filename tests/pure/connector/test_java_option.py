import pytest

from spark_connector.java_option import REFUSED_JAVA_OPTIONS, refused_options

PERMITTED = (
    "-Xms512m -Xss4m -Xint -Xshare:auto -verbose:gc -ea:org.example",
    "-XX:+UseG1GC -XX:-UsePerfData -XX:MaxGCPauseMillis=200 -XX:NewSize=64m",
    "-Xlog:gc*=debug,safepoint:stdout:time,level -Xlog:disable -Xlog:all=off:stderr",
    "--add-opens=java.base/java.nio=ALL-UNNAMED --add-modules jdk.incubator.vector",
    "--add-exports java.base/sun.nio.ch=ALL-UNNAMED --enable-native-access=ALL-UNNAMED",
    "-Duser.timezone=UTC -Dfile.encoding=UTF-8 -Djava.io.tmpdir=/scratch",
    "-Dhttps.proxyHost=proxy.example.org -Dio.netty.tryReflectionSetAccessible=true",
    "'-Dmy.title=Two words' -Dmy.flag",
)
REFUSED = (
    "-cp /theirs",
    "-classpath /theirs",
    "--class-path=/theirs",
    "-p /theirs",
    "--module-path /theirs",
    "-jar /theirs.jar",
    "-version",
    "-XX:AOTCache=/theirs",
    "-XX:AOTCacheOutput=/theirs",
    "-XX:ArchiveClassesAtExit=/theirs",
    "-XX:SharedArchiveFile=/theirs",
    "-XX:StartFlightRecording=filename=/theirs",
    "-XX:+FlightRecorder",
    "-XX:ErrorFile=/theirs",
    "-XX:LogFile=/theirs",
    "-XX:+EnableJVMCI",
    "-XX:MaxRAMPercentage=90",
    "-XX:+DisableAttachMechanism",
    "-Xlog:gc:file=/theirs",
    "-Xlog:gc:/theirs",
    "-Xlog:gc::uptime:filecount=5",
    "-Xloggc:/theirs",
    "-Xverify:none",
    "-Xlocalsomething",
    "--limit-modules=java.base",
    "--add-opens=java.base/java.nio=theirs",
    "--finalization=disabled",
    "-Djavax.net.ssl.trustStore=/theirs",
    "-Djava.system.class.loader=Theirs",
    "-Djava.library.path=/theirs",
    "-Duser.home=/theirs",
    "-Dkubernetes.trust.certificates=true",
    "-Dkubeconfig=/theirs",
    "-Dsun.misc.URLClassPath.disableJarChecking=true",
    "-Dorg.apache.logging.log4j.level=DEBUG",
    "-Dspark.driver.bindAddress=::",
    "-D{{APP_ID}}.ui.enabled=true",
    "-D",
    "word",
    "@/theirs",
)


@pytest.mark.parametrize("text", PERMITTED)
def test_harmless_options_pass(text: str) -> None:
    assert refused_options(text) == []


@pytest.mark.parametrize("text", REFUSED)
def test_option_that_no_table_permits_is_refused_once(text: str) -> None:
    (refusal,) = refused_options(f"-Dfine=1 {text}")

    assert text.startswith(refusal.option)
    assert refusal.reason.endswith(".")


@pytest.mark.parametrize(
    "text", ["'-Dspar\\k.x=1'", "-Da=b\f-cp", "-Da=b\u2028-cp /x", "-Da=\x1fb"]
)
def test_text_that_can_be_read_in_two_ways_is_refused(text: str) -> None:
    with pytest.raises(ValueError, match="ambiguous"):
        refused_options(text)


@pytest.mark.parametrize("text", ["-Da=${spark.theirs}", "${env:THEIRS}", "'${a'}"])
def test_text_that_spark_fills_in_later_is_refused(text: str) -> None:
    with pytest.raises(ValueError, match="fill in"):
        refused_options(text)


def test_value_of_a_refused_option_is_not_repeated() -> None:
    (refusal,) = refused_options("-Djavax.net.ssl.keyStorePassword=hunter2")

    assert "hunter2" not in refusal.option + refusal.reason


def test_no_reason_is_for_an_option_that_passes() -> None:
    assert [it for it in REFUSED_JAVA_OPTIONS if not refused_options(f"{it}x=y")] == []
