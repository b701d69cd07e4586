/** The names of the sweeps, as tests have them. */
export const AT_REST = 'comes to rest, without a flaw, when nothing goes wrong';
export const CRASH = 'ends the same wherever the operator crashes';
export const RACE = 'leaves alone what someone attaches between any two requests';
export const TIME_OUT = 'ends the same whichever request nobody hears of again';
export const REFUSAL = 'ends the same whatever Azure answers to one request';
export const WATCH_EVENT = 'ends the same whatever becomes of a watch event';
export const STALE_VIEW = 'ends the same however old the view of a new leader is';
export const TWO_LEADERS = 'ends the same wherever the leader stands still until another one leads';
