"""The page: what a visitor sees, and a person's scores without the key ever being written back."""

import requests


def page(server, key=None):
    if key is None:
        return requests.get(server.url, timeout=20)
    return requests.post(f"{server.url}/scores", data={"key": key}, timeout=20)


def test_a_visitor_sees_the_open_assignments_and_how_to_start(server):
    response = page(server)
    assert response.status_code == 200
    assert response.headers["content-type"] == "text/html; charset=utf-8"
    assert f"<code>make login URL={server.url}</code>" in response.text
    assert 'href="api/v1/assignments/tiny0/release"' in response.text
    assert 'href="api/v1/assignments/later/release"' not in response.text
    assert "$" not in response.text


def test_a_person_sees_their_scores_and_not_their_key(server):
    student = server.student("Eve <script>alert(1)</script>")
    student.scored(student.drawn("double"))
    response = page(server, f" {student.key} ")
    assert response.status_code == 200
    assert "Eve &lt;script&gt;" in response.text
    assert "Average over the course <b>30.00</b>; the certificate asks for 80." in response.text
    assert "<td>Double &amp; more</td><td>40.00</td><td>40</td>" in response.text
    assert "<script" not in response.text
    assert "Tiny <b>" not in response.text
    assert student.key not in response.text
    assert "set-cookie" not in response.headers
    assert response.headers["cache-control"] == "no-store"
    assert "default-src 'none'" in response.headers["content-security-policy"]


def test_an_unknown_key_gets_a_sentence_on_the_page_and_is_not_echoed(server):
    for key in ("ndl_" + "B" * 40, "<b>x</b>", ""):
        response = page(server, key)
        assert response.status_code == 401
        assert '<p class="wrong" role="alert">This ' in response.text
        assert "BBBB" not in response.text
        assert "<b>x</b>" not in response.text


def test_a_page_of_an_empty_course_says_so(start):
    assert "Nothing is published yet." in page(start()).text
