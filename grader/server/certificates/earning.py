"""Whether somebody has earned the certificate, and what is missing. Pure functions."""

from grader.course.policy import CertificatePolicy


def missing(average: float, accepted: bool, policy: CertificatePolicy) -> list[str]:
    """Return what a person with this average lacks, as half-sentences; nothing when it is earned."""
    said = []
    if average < asked_average(policy):
        said.append(f"average {average:.2f} of {asked_average(policy):g}")
    if policy.project_required and not accepted:
        said.append("the project is not accepted yet")
    return said


def asked_average(policy: CertificatePolicy) -> float:
    """Return the average that is asked for, out of 100 and to two decimals, as averages are."""
    return round(100 * policy.threshold, 2)
