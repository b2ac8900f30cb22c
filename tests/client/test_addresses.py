"""Addresses of a server: which are taken, and that no key is ever in one."""

import contextlib

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from keyed_client import KEY

from grader.client import Client, Login, check_url
from grader.errors import GraderError


@pytest.mark.parametrize(
    "url",
    [
        "https://course.example.org", "https://course.example.org:8443/needle", "http://127.0.0.1:8000",
        "http://localhost:8000", "http://[::1]:8000", "http://127.8.9.1", "HTTP://127.0.0.1:8000",
    ],
)  # fmt: skip
def test_https_and_loopback_are_accepted_and_a_last_slash_goes(url: str) -> None:
    assert check_url(f"{url}/") == check_url(url) == url


@pytest.mark.parametrize(
    "url",
    [
        "http://course.example.org", "http://10.0.0.1:8000", "http://0.0.0.0:8000", "http://localhost.example.org",
        "http://127.0.0.1.example.org", "http://128.0.0.1", "http://[::2]", "http://127.1",
    ],
)  # fmt: skip
def test_plain_http_to_another_machine_is_refused(url: str) -> None:
    with pytest.raises(GraderError, match=r"your key would travel in the clear\. Use https://"):
        check_url(url)
    with pytest.raises(GraderError, match="in the clear"):
        Client(Login(url, KEY))


@pytest.mark.parametrize(
    "url",
    [
        f"https://host/?key={KEY}", f"https://host?{KEY}", f"https://{KEY}@host", f"https://:{KEY}@host",
        f"https://user:{KEY}@host", f"https://host/#{KEY}", f"ftp://{KEY}@host", f"https://{KEY}@",
        f"http://{KEY}@127.0.0.1",
        "https://host?", "https://host#",
    ],
)  # fmt: skip
def test_a_key_in_the_address_is_refused_and_not_repeated(url: str) -> None:
    with pytest.raises(GraderError, match="A key must never be part of the address") as caught:
        check_url(url)
    assert KEY not in str(caught.value)


@pytest.mark.parametrize(
    "url",
    [
        "", "course.example.org", "127.0.0.1:8000", "ftp://host", "file:///etc/passwd", "https://",
        "https://[::1",
        "https://[x]/",
        "http://127.0.0.1:99999", "http://127.0.0.1:port", "https://a b", "https://host\n", "/api",
    ],
)  # fmt: skip
def test_what_is_no_address_is_refused_with_two_that_are(url: str) -> None:
    with pytest.raises(GraderError, match=r"this is no address\. Expected https://HOST, or http://127"):
        check_url(url)


@settings(derandomize=True, deadline=None, database=None, max_examples=200)
@given(
    st.text(alphabet="htps:/[]@?#.%127x\n \\", max_size=20) | st.text(max_size=20).map("https://{}".format)
)
def test_any_text_is_an_address_or_refused(url: str) -> None:
    with contextlib.suppress(GraderError):
        assert check_url(url).lower().startswith(("https://", "http://127.", "http://[::1]"))


@pytest.mark.parametrize("key", ["", " ", "two words", "key\n", "schlüssel", "€", "a\0b", "a\tb"])
def test_a_key_that_no_header_can_carry_is_refused_and_not_repeated(key: str) -> None:
    with pytest.raises(GraderError, match=r"^Your key holds a space or an unusual letter, or is empty\."):
        Client(Login("http://127.0.0.1:1", key))
