"""What the database holds, a module a subject. A change here needs a migration; a test compares the two."""

from grader.server.store.tables import attempts as attempts
from grader.server.store.tables import certificates as certificates
from grader.server.store.tables import course as course
from grader.server.store.tables import mugrade as mugrade
from grader.server.store.tables import people as people
from grader.server.store.tables import project as project
from grader.server.store.tables.base import Base as Base
