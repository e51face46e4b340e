import benchmarks.lines  # noqa: F401  it sends the log to standard error, which tests replace
import structlog

structlog.reset_defaults()
