"""Guessing is slow: for one address after a few tries, for all together after many."""

from __future__ import annotations

from masklab.access.attempts import ALL_PER_MINUTE, FREE, LONGEST_WAIT, Attempts
from tests.security.conftest import Clock


def test_the_wait_grows_with_every_try(clock: Clock):
    attempts, waits = Attempts(clock), []
    for _ in range(FREE):
        assert attempts.begin("10.0.0.1") == 0
    for _ in range(4):
        waits.append(attempts.begin("10.0.0.1"))
        clock.now += waits[-1]
        assert attempts.begin("10.0.0.1") == 0
    assert waits == [1, 2, 4, 8]


def test_it_never_grows_beyond_a_quarter_of_an_hour(clock: Clock):
    attempts = Attempts(clock)
    for _ in range(40):
        clock.now += attempts.begin("10.0.0.1")
        attempts.begin("10.0.0.1")
    assert 0 < attempts.begin("10.0.0.1") <= LONGEST_WAIT


def test_an_hour_of_guessing_is_a_handful_of_guesses(clock: Clock):
    attempts, guesses = Attempts(clock), 0
    for _ in range(3600):
        guesses += attempts.begin("10.0.0.1") == 0
        clock.now += 1
    assert guesses < FREE + 15


def test_others_don_t_wait_for_one_address(clock: Clock):
    attempts = Attempts(clock)
    for _ in range(FREE + 1):
        attempts.begin("10.0.0.1")
    assert attempts.begin("10.0.0.1") > 0
    assert attempts.begin("10.0.0.2") == 0


def test_one_machine_s_many_addresses_of_ipv6_are_one(clock: Clock):
    attempts = Attempts(clock)
    for number in range(FREE):
        assert attempts.begin(f"2001:db8::{number:x}") == 0
    assert attempts.begin("2001:db8::ffff") > 0
    assert attempts.begin("2001:db8:1::1") == 0


def test_many_addresses_together_have_a_limit_too(clock: Clock):
    attempts = Attempts(clock)
    passed = sum(attempts.begin(f"10.0.{n // 250}.{n % 250}") == 0 for n in range(300))
    assert passed == ALL_PER_MINUTE
    clock.now += 61
    assert attempts.begin("10.9.9.9") == 0


def test_a_login_that_works_is_forgotten(clock: Clock):
    attempts = Attempts(clock)
    for _ in range(3 * FREE):
        assert attempts.begin("10.0.0.1") == 0
        attempts.succeeded("10.0.0.1")


def test_any_address_can_be_counted_and_memory_is_bounded(clock: Clock):
    attempts = Attempts(clock)
    for number in range(5000):
        clock.now += 2
        attempts.begin(f"strange {number}" * 50)
    assert len(attempts._failed) <= 2000
