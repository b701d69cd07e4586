/** Licences under which code may be in the bundle: they ask for their text to be passed on, and for no more. By SPDX. */
export const ACCEPTED_LICENCES: ReadonlySet<string> = new Set(['MIT', 'ISC', 'BSD-3-Clause', 'Apache-2.0']);
