"""URLs that a client may not name, however they are written, and the few that it may."""

from ipaddress import ip_address

import pytest

from turngate.functions.address import is_public
from turngate.functions.endpoint import Hosts, Refused, is_loopback, read

LISTED = ("shop.example", "api.shop.example:8443", "203.0.113.7", "8.8.8.8", "[2606:4700::1]")

# Each is a way to name a place that is not listed, so that it looks like one that is, or so that
# two programs read two different places in it.
TRICKS = (
    # -- plainly elsewhere
    "https://evil.example/",
    "https://127.0.0.1/",
    "https://localhost/",
    "https://169.254.169.254/latest/meta-data/",
    "https://metadata.google.internal/computeMetadata/v1/",
    "https://10.0.0.1/",
    "https://192.168.1.1/admin",
    "https://172.16.0.1/",
    "https://100.100.100.200/latest/meta-data/",
    "https://168.63.129.16/",
    "https://[::1]/",
    "https://[::]/",
    "https://0.0.0.0/",
    # -- another port
    "https://shop.example:22/",
    "https://shop.example:80/",
    "https://shop.example:8443/",
    "https://api.shop.example/",
    "https://shop.example:0/",
    "https://shop.example:0443/",
    "https://shop.example:65536/",
    "https://shop.example:99999999999/",
    "https://shop.example:-443/",
    "https://shop.example:+443/",
    "https://shop.example:443:443/",
    "https://shop.example:443x/",
    "https://shop.example:/",
    "https://shop.example:٤٤٣/",
    # -- in the clear
    "http://shop.example/",
    "http://shop.example:443/",
    "http://api.shop.example:8443/",
    # -- another scheme
    "ftp://shop.example/",
    "file:///etc/passwd",
    "file://shop.example/etc/passwd",
    "gopher://shop.example:443/_",
    "ws://shop.example/",
    "wss://shop.example/",
    "data:text/plain,x",
    "javascript:alert(1)",
    "jar:https://shop.example!/",
    "unix:///var/run/docker.sock",
    "dict://shop.example:443/",
    "ldap://shop.example/",
    "HTTPS://shop.example/",
    "https:shop.example/",
    "https:/shop.example/",
    "https:///shop.example/",
    "//shop.example/",
    "shop.example/",
    "https://",
    "https:///",
    "",
    # -- a user, or what looks like one
    "https://shop.example@evil.example/",
    "https://shop.example:443@evil.example/",
    "https://evil.example@shop.example/",
    "https://user:password@shop.example/",
    "https://@shop.example/",
    "https://shop.example%40evil.example/",
    "https://shop.example\\@evil.example/",
    "https://evil.example\\@shop.example/",
    "https://shop.example#@evil.example/",
    "https://evil.example#@shop.example/",
    "https://evil.example?@shop.example/",
    "https://evil.example/@shop.example/",
    "https://shop.example&@evil.example/",
    "https://shop.example;@evil.example/",
    "https://shop.example @evil.example/",
    "https://[shop.example@evil.example]/",
    # -- a host that begins, ends or looks alike
    "https://shop.example.evil.example/",
    "https://evilshop.example/",
    "https://shop.example-evil.example/",
    "https://evil.example/shop.example",
    "https://evil.example?shop.example",
    "https://shop.example./",
    "https://.shop.example/",
    "https://shop..example/",
    "https://shop.example../",
    "https://-shop.example/",
    "https://sub.shop.example/",
    "https://SHOP.example/",
    "https://shop.exаmple/",  # noqa: RUF001 - a Cyrillic letter is the trick
    "https://ｓhop.example/",  # noqa: RUF001 - a wide letter is the trick
    "https://shop。example/",
    "https://shop．example/",  # noqa: RUF001 - a wide full stop is the trick
    "https://shop%2eexample/",
    "https://%73hop.example/",
    "https://sh\u00adop.example/",
    "https://shop\u200b.example/",
    "https://xn--shp-6na.example/",
    "https://shop.example%00.evil.example/",
    "https://shop.example\x00.evil.example/",
    "https://shop_.example/",
    "https://*/",
    "https://*.example/",
    # -- blanks and breaks, which some readers drop
    " https://shop.example/",
    "https://shop.example/ ",
    "https://shop.example /",
    "https:// shop.example/",
    "https://shop.example\t/",
    "https://shop.example\n/",
    "https://shop.example\r\n/",
    "https://shop.example/\r\nHost: evil.example",
    "https://shop.example/%0d%0a\n",
    "ht\ntps://shop.example/",
    "https://evil.example\n@shop.example/",
    "https://shop.example/a b",
    "https://shop.example/%",
    "https://shop.example/%2",
    "https://shop.example/%zz",
    "https://shop.example/#fragment",
    "https://shop.example/|",
    "https://shop.example/<>",
    'https://shop.example/"',
    "https://shop.example/é",
    "https:\\\\shop.example\\",
    "https://shop.example\\",
    # -- a listed address, written otherwise
    "https://8.8.8.8./",
    "https://8.8.2056/",
    "https://8.526344/",
    "https://134744072/",
    "https://0x08080808/",
    "https://0x8.0x8.0x8.0x8/",
    "https://010.010.010.010/",
    "https://08.8.8.8/",
    "https://8.8.8.008/",
    "https://8.8.8.8.nip.io/",
    "https://[::ffff:8.8.8.8]/",
    "https://[::8.8.8.8]/",
    "https://[64:ff9b::808:808]/",
    "https://[2606:4700:0::1]/",
    "https://[2606:4700:0:0:0:0:0:1]/",
    "https://[2606:4700::0001]/",
    "https://[2606:4700::1%25eth0]/",
    "https://[2606:4700::1%eth0]/",
    "https://[2606:4700::1/",
    "https://2606:4700::1/",
    "https://[2606:4700::1].evil.example/",
    "https://[2606:4700::1]evil.example/",
    # -- this machine, written otherwise
    "https://127.1/",
    "https://127.0.1/",
    "https://2130706433/",
    "https://0x7f000001/",
    "https://0x7f.1/",
    "https://0177.0.0.1/",
    "https://017700000001/",
    "https://0/",
    "https://127.0.0.1.nip.io/",
    "https://localtest.me/",
    "https://localhost.localdomain/",
    "https://LOCALHOST/",
    "https://[::ffff:127.0.0.1]/",
    "https://[::ffff:7f00:1]/",
    "https://[::127.0.0.1]/",
    "https://[0:0:0:0:0:0:0:1]/",
    "https://[0000::1]/",
    "https://[fe80::1%25lo]/",
    "https://①②⑦.⓪.⓪.①/",
    "https://127。0。0。1/",
    "https://１２７.0.0.1/",  # noqa: RUF001 - wide digits are the trick
    "https://１６９.254.169.254/",  # noqa: RUF001 - as above
    # -- too long
    "https://shop.example/" + "a" * 3_000,
    "https://" + "a" * 300 + ".example/",
    "https://" + "a." * 200 + "example/",
)


def test_there_are_tricks_enough_and_none_twice() -> None:
    assert len(TRICKS) == len(set(TRICKS)) > 150


@pytest.mark.parametrize("url", TRICKS, ids=ascii)
def test_trick_is_refused(url: str) -> None:
    with pytest.raises(Refused) as caught:
        Hosts(LISTED).admit(url)
    assert str(caught.value)


@pytest.mark.parametrize(
    "url",
    [
        "https://shop.example",
        "https://shop.example/",
        "https://shop.example:443/functions",
        "https://shop.example/a/b.c?d=e&f=%20g?",
        "https://shop.example?x=1",
        "https://api.shop.example:8443/call",
        "https://203.0.113.7/",
        "https://[2606:4700::1]/",
    ],
)
def test_a_listed_place_is_admitted_as_it_is_written(url: str) -> None:
    assert Hosts(LISTED).admit(url).url == url


def test_without_a_list_nothing_is_admitted() -> None:
    assert not Hosts()
    with pytest.raises(Refused, match="not among the operator's function_hosts"):
        Hosts().admit("https://shop.example/")


@pytest.mark.parametrize(
    "listed, url",
    [
        ("127.0.0.1:8000", "http://127.0.0.1:8000/"),
        ("[::1]:8000", "http://[::1]:8000/"),
        ("localhost:8000", "http://localhost:8000/"),
        ("localhost", "https://localhost/"),
    ],
)
def test_this_machine_may_be_listed_and_needs_no_encryption(listed: str, url: str) -> None:
    assert is_loopback(Hosts((listed,)).admit(url).place)


@pytest.mark.parametrize(
    "url", ["http://127.0.0.1:8001/", "http://127.0.0.1/", "http://[::1]:8000/"]
)
def test_this_machine_is_listed_port_by_port(url: str) -> None:
    with pytest.raises(Refused):
        Hosts(("127.0.0.1:8000",)).admit(url)


def test_a_private_address_needs_encryption() -> None:
    with pytest.raises(Refused, match="https://"):
        Hosts(("10.0.0.5:80",)).admit("http://10.0.0.5:80/")


@pytest.mark.parametrize(
    "entry", ["https://shop.example", "shop.example/", "*.example", "", "a b", "127.1", "[::1"]
)
def test_an_entry_that_is_no_place_is_refused(entry: str) -> None:
    with pytest.raises(Refused):
        Hosts((entry,))


def test_an_entry_is_read_in_any_case_of_letters() -> None:
    assert Hosts(("Shop.Example",)).admit("https://shop.example/")


PRIVATE = (
    *("0.0.0.0", "0.1.2.3", "10.1.2.3", "100.64.0.1", "127.0.0.1"),  # noqa: S104 - nobody binds
    *("127.255.255.254", "168.63.129.16", "169.254.169.254", "169.254.170.2", "172.16.0.1"),
    *("172.31.255.255", "192.0.0.192", "192.0.2.1", "192.88.99.1", "192.168.0.1", "198.18.0.1"),
    *("198.51.100.1", "203.0.113.1", "224.0.0.1", "239.255.255.255", "240.0.0.1"),
    *("255.255.255.255", "::", "::1", "::127.0.0.1", "::ffff:127.0.0.1", "::ffff:8.8.8.8"),
    *("::ffff:0:127.0.0.1", "64:ff9b::7f00:1", "64:ff9b:1::1", "100::1", "2001::1", "2001:10::1"),
    *("2001:20::1", "2001:db8::1", "2002:7f00:1::", "2002:808:808::1", "3fff::1", "fc00::1"),
    *("fd00:ec2::254", "fe80::1", "fe80::1%1", "2606:4700::1%1", "fec0::1", "ff02::1", "5f00::1"),
)


@pytest.mark.parametrize("address", PRIVATE)
def test_an_address_that_is_not_public_is_no_place_for_clients(address: str) -> None:
    assert not is_public(ip_address(address))
    assert not Hosts(LISTED).admits_address("shop.example", ip_address(address))


@pytest.mark.parametrize(
    "address",
    [
        *("1.1.1.1", "8.8.8.8", "99.255.255.255", "100.128.0.1", "172.15.0.1", "172.32.0.1"),
        *("192.167.0.1", "223.255.255.255", "2606:4700::1111", "2a00:1450::1", "2003::1"),
    ],
)
def test_an_address_of_the_internet_is(address: str) -> None:
    assert is_public(ip_address(address))


def test_a_private_address_may_be_listed_itself() -> None:
    hosts = Hosts(("shop.internal", "10.0.0.5"))
    assert hosts.admits_address("shop.internal", ip_address("10.0.0.5"))
    assert not hosts.admits_address("shop.internal", ip_address("10.0.0.6"))


def test_localhost_is_this_machine_and_no_other() -> None:
    hosts = Hosts(("localhost:8000",))
    assert hosts.admits_address("localhost", ip_address("127.0.0.1"))
    assert hosts.admits_address("localhost", ip_address("::1"))
    assert not hosts.admits_address("localhost", ip_address("8.8.8.8"))
    assert not hosts.admits_address("shop.example", ip_address("127.0.0.1"))


def test_what_an_operator_writes_is_read_by_the_same_rules() -> None:
    endpoint = read("http://backend:8000/functions")
    assert (endpoint.place.host, endpoint.place.port) == ("backend", 8000)
    assert not endpoint.is_encrypted
    assert not is_loopback(endpoint.place)
