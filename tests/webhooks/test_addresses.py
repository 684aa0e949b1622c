"""Where webhooks may be sent: every way that is known to lead into a network is refused.

What the rules refuse when an address is typed in stands here, with what a name may resolve to;
test_sender.py has what happens at the moment of sending.
"""

from ipaddress import ip_address, ip_network

import pytest

from gateway.webhooks.addresses import AddressRules, Refused, is_public

STRICT = AddressRules()
HTTP = AddressRules(plain_http=True)
INTRANET = AddressRules(allowed=(ip_network("10.1.0.0/16"), ip_network("fd00::/8")))

V6 = "2606:2800:220:1::1"


@pytest.mark.parametrize(
    ("url", "host", "port", "path", "authority"),
    [
        ("https://example.com", "example.com", 443, "/", "example.com"),
        ("https://example.com/hooks", "example.com", 443, "/hooks", "example.com"),
        ("https://A.Example.com/?a=1&b", "a.example.com", 443, "/?a=1&b", "a.example.com"),
        ("https://example.com:8443/a%20b", "example.com", 8443, "/a%20b", "example.com:8443"),
        ("HTTPS://93.184.216.34/x", "93.184.216.34", 443, "/x", "93.184.216.34"),
        (f"https://[{V6}]:8443/", V6, 8443, "/", f"[{V6}]:8443"),
        ("https://xn--bcher-kva.com/", "xn--bcher-kva.com", 443, "/", "xn--bcher-kva.com"),
    ],
)
def test_a_public_address_is_taken_apart(url, host, port, path, authority):
    target = STRICT.target(url)
    assert (target.host, target.port, target.path) == (host, port, path)
    assert target.authority == authority


REFUSED = {
    "plain http": "http://example.com/",
    "another scheme": "ftp://example.com/",
    "a file": "file:///etc/passwd",
    "gopher": "gopher://127.0.0.1:6379/_INFO",
    "no scheme": "example.com/hooks",
    "no host": "https:///hooks",
    "one slash": "https:/example.com",
    "a user": "https://user@example.com/",
    "a user and a password": "https://user:password@example.com/",
    "a host before the host": "https://example.com@127.0.0.1/",
    "an empty user": "https://@example.com/",
    "a user by percent": "https://example.com%40127.0.0.1/",
    "a backslash": "https://example.com\\@127.0.0.1/",
    "a fragment": "https://example.com/#@127.0.0.1/",
    "a blank": "https://example.com/ a",
    "a tab": "https://exa\tmple.com/",
    "a line feed": "https://example.com/\r\nHost: localhost",
    "a NUL": "https://example.com\0.internal/",
    "full-width digits": "https://１２７.０.０.１/",
    "an ideographic dot": "https://127。0。0。1/",
    "a circled letter": "https://ⓔxample.com/",
    "letters of another script": "https://bücher.example/",
    "a dot at the end": "https://localhost./",
    "an IP address with a dot at the end": "https://127.0.0.1./",
    "two dots": "https://example..com/",
    "loopback": "https://127.0.0.1/",
    "loopback elsewhere": "https://127.255.1.2/",
    "unspecified": "https://0.0.0.0/",
    "this network": "https://0.1.2.3/",
    "private 10": "https://10.0.0.1/",
    "private 172": "https://172.16.0.1/",
    "private 172, its end": "https://172.31.255.255/",
    "private 192": "https://192.168.1.1/",
    "shared": "https://100.64.0.1/",
    "metadata": "https://169.254.169.254/latest/meta-data/",
    "metadata in a shared network": "https://100.100.100.200/",
    "metadata among the protocols": "https://192.0.0.192/",
    "a virtual machine's host": "https://168.63.129.16/",
    "documentation": "https://192.0.2.1/",
    "benchmarks": "https://198.18.0.1/",
    "multicast": "https://224.0.0.1/",
    "reserved": "https://240.0.0.1/",
    "broadcast": "https://255.255.255.255/",
    "a decimal": "https://2130706433/",
    "a hexadecimal": "https://0x7f000001/",
    "an octal": "https://017700000001/",
    "octal parts": "https://0177.0.0.1/",
    "hexadecimal parts": "https://0x7f.0x0.0x0.0x1/",
    "mixed parts": "https://0x7f.0.0.01/",
    "leading zeros": "https://127.000.000.001/",
    "two parts": "https://127.1/",
    "three parts": "https://127.0.1/",
    "one zero": "https://0/",
    "too many parts": "https://127.0.0.1.1/",
    "too large a part": "https://127.0.0.256/",
    "IPv6 loopback": "https://[::1]/",
    "IPv6 loopback in full": "https://[0000:0000:0000:0000:0000:0000:0000:0001]/",
    "IPv6 unspecified": "https://[::]/",
    "IPv4-mapped": "https://[::ffff:127.0.0.1]/",
    "IPv4-mapped in hexadecimal": "https://[::ffff:7f00:1]/",
    "IPv4-mapped, public": "https://[::ffff:93.184.216.34]/",
    "IPv4-compatible": "https://[::127.0.0.1]/",
    "IPv4-translated": "https://[::ffff:0:127.0.0.1]/",
    "NAT64": "https://[64:ff9b::7f00:1]/",
    "NAT64, local": "https://[64:ff9b:1::7f00:1]/",
    "6to4": "https://[2002:7f00:1::]/",
    "Teredo": "https://[2001:0:4136:e378:8000:63bf:807f:fffe]/",
    "ORCHID": "https://[2001:20::1]/",
    "IPv6 documentation": "https://[2001:db8::1]/",
    "IPv6 documentation, the new one": "https://[3fff::1]/",
    "unique local": "https://[fd00:ec2::254]/",
    "IPv6 link-local": "https://[fe80::1]/",
    "IPv6 link-local with its interface": "https://[fe80::1%25eth0]/",
    "an interface of a public address": f"https://[{V6}%25eth0]/",
    "site-local": "https://[fec0::1]/",
    "IPv6 multicast": "https://[ff02::1]/",
    "a discarded prefix": "https://[100::1]/",
    "brackets around a name": "https://[localhost]/",
    "brackets around IPv4": "https://[127.0.0.1]/",
    "a port of others": "https://example.com:22/",
    "a port of others, above 1023": "https://example.com:6379/",
    "port 0": "https://example.com:0/",
    "too high a port": "https://example.com:65536/",
    "a port in other digits": "https://example.com:４４３/",
    "too long": "https://example.com/" + "a" * 2_048,
    "nothing": "",
}


@pytest.mark.parametrize("url", REFUSED.values(), ids=REFUSED.keys())
def test_an_address_that_leads_elsewhere_is_refused(url):
    with pytest.raises(Refused) as refusal:
        STRICT.target(url)
    assert str(refusal.value).startswith(("must ", "the host"))


# Those that plain http, which the operator may allow, does not make right.
HTTP_TOO = {name: url for name, url in REFUSED.items() if url.startswith("https:")}


@pytest.mark.parametrize("url", HTTP_TOO.values(), ids=HTTP_TOO.keys())
def test_plain_http_does_not_lead_elsewhere_either(url):
    with pytest.raises(Refused):
        HTTP.target(url.replace("https:", "http:", 1))


def test_plain_http_is_for_who_allows_it():
    assert HTTP.target("http://example.com/").port == 80
    assert HTTP.target("http://example.com:8080/").authority == "example.com:8080"
    assert HTTP.target("https://example.com/").port == 443


@pytest.mark.parametrize(
    "bad",
    [
        *("127.0.0.1", "10.0.0.1", "169.254.169.254", "100.100.100.200", "0.0.0.0"),
        *("::1", "::ffff:10.0.0.1", "::ffff:a9fe:a9fe", "fe80::1%eth0", "fd00:ec2::254"),
        *("64:ff9b::7f00:1", "64:ff9b:1::a9fe:a9fe", "2002:7f00:1::", "::127.0.0.1"),
    ],
)
def test_all_addresses_of_a_host_must_be_public(bad):
    public = ["93.184.216.34", V6]
    assert STRICT.pinned(public, 443) == public
    for found in ([*public, bad], [bad, *public]):
        with pytest.raises(Refused):
            STRICT.pinned(found, 443)


def test_a_host_without_an_address_is_refused():
    with pytest.raises(Refused):
        STRICT.pinned([], 443)


def test_a_refusal_does_not_say_what_a_name_resolved_to():
    with pytest.raises(Refused) as refusal:
        STRICT.pinned(["10.9.8.7"], 443)
    assert "10.9" not in str(refusal.value)


def test_an_allowed_network_is_exempt_with_any_port():
    assert INTRANET.target("https://10.1.2.3:9000/").port == 9000
    assert INTRANET.pinned(["10.1.2.3", "fd00::5"], 9000) == ["10.1.2.3", "fd00::5"]
    assert INTRANET.pinned(["93.184.216.34"], 443) == ["93.184.216.34"]


@pytest.mark.parametrize(
    "url",
    [
        "https://10.2.0.1/",  # a neighbour
        "https://[::ffff:10.1.2.3]/",  # in another guise
        "https://93.184.216.34:9000/",  # an odd port, but not there
        "https://10.1.2.3:0/",
        "http://10.1.2.3/",
        "https://user@10.1.2.3/",
    ],
)
def test_an_allowed_network_allows_nothing_else(url):
    with pytest.raises(Refused):
        INTRANET.target(url)


def test_a_public_host_keeps_to_the_usual_ports_where_networks_are_allowed():
    with pytest.raises(Refused):
        INTRANET.pinned(["93.184.216.34"], 9000)


def test_the_neighbours_of_special_networks_are_public():
    neighbours = [
        *("9.255.255.255", "11.0.0.0", "126.255.255.255", "128.0.0.0", "169.253.255.255"),
        *("172.15.255.255", "172.32.0.0", "192.167.255.255", "192.169.0.0", "223.255.255.255"),
        *("100.63.255.255", "100.128.0.0", "198.17.255.255", "198.20.0.0", "1.1.1.1", "2a00::1"),
    ]
    assert [each for each in neighbours if not is_public(ip_address(each))] == []


def test_special_networks_are_not_public_from_end_to_end():
    special = [
        *("0.0.0.0/8", "10.0.0.0/8", "100.64.0.0/10", "127.0.0.0/8", "169.254.0.0/16"),
        *("172.16.0.0/12", "192.0.0.0/24", "192.0.2.0/24", "192.168.0.0/16", "198.18.0.0/15"),
        *("198.51.100.0/24", "203.0.113.0/24", "224.0.0.0/4", "240.0.0.0/4"),
        *("::/128", "::1/128", "::ffff:0:0/96", "64:ff9b:1::/48", "100::/64", "2001::/23"),
        *("2001:db8::/32", "2002::/16", "fc00::/7", "fe80::/10", "ff00::/8"),
    ]
    ends = [end for network in map(ip_network, special) for end in (network[0], network[-1])]
    assert [end for end in ends if is_public(end)] == []
