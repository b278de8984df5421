from spark_connector.open_port import OpenPort, exposed, port_at


def test_ports_of_this_machine_alone_are_not_exposed() -> None:
    ports = [port_at(it, 7) for it in ("127.0.0.1", "::ffff:127.0.0.1", "::1")]

    assert exposed(ports) == ()


def test_other_ports_are_exposed_unless_allowed() -> None:
    pod, everywhere = port_at("::ffff:10.0.0.7", 7100), port_at("::", 4040)

    assert exposed([pod, everywhere], [OpenPort("10.0.0.7", 7100)]) == (everywhere,)
    assert exposed([port_at("10.0.0.7", 7300)], [pod]) == (OpenPort("10.0.0.7", 7300),)
