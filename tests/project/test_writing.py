"""Proposals and reports: which sections hold words of a student's own."""

from grader.project.writing import problem_with_pdf, problems_with_text, sections

TEMPLATE = "# T\n\n## One\n\n<!-- what? -->\nGiven line here.\n\n## Two\n"


def test_a_text_with_own_words_in_every_section_has_no_problem() -> None:
    text = "# Ours\n\n## One\n\nthree own words\n\n## Two\n\nthree more words\n"
    assert list(problems_with_text(text, TEMPLATE, 3)) == []


def test_the_template_itself_has_no_word_of_the_students() -> None:
    assert list(problems_with_text(TEMPLATE, TEMPLATE, 3)) == [
        "`## One` has 0 words of your own. Expected 3 at least.",
        "`## Two` has 0 words of your own. Expected 3 at least.",
    ]


def test_comments_and_given_lines_are_not_counted() -> None:
    text = "## One\n<!-- many words\nover two lines -->\nGiven line here.\none two\n## Two\nfine fine fine"
    [problem] = problems_with_text(text, TEMPLATE, 3)
    assert problem == "`## One` has 2 words of your own. Expected 3 at least."


def test_a_missing_section_is_named() -> None:
    [problem] = problems_with_text("## One\nthree own words", TEMPLATE, 3)
    assert problem == "there is no section `## Two`. Expected every section of the template."


def test_words_of_other_languages_are_words() -> None:
    text = "## One\n三个 自己 的词 наши слова\n## Two\nêtre où été"
    assert list(problems_with_text(text, TEMPLATE, 2)) == []


def test_a_section_that_stands_twice_is_read_as_one() -> None:
    assert sections("## A\none\n## B\ntwo\n## A\nthree") == {"A": ["one", "three"], "B": ["two"]}


def test_a_pdf_is_told_from_what_only_has_its_name() -> None:
    whole = b"%PDF-1.7" + bytes(3000) + b"%%EOF\n"
    assert problem_with_pdf(whole) == ""
    assert "no whole PDF" in problem_with_pdf(whole[:-40])
    assert "no whole PDF" in problem_with_pdf(b"# Report")
    assert "has 16 bytes" in problem_with_pdf(b"%PDF-1.7  %%EOF\n")
