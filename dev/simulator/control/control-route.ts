import type { Control } from './control.ts';

/** One route of `/_control`: what it takes, and what `GET /_control` says of it. */
export interface ControlRoute {
  readonly method: 'GET' | 'POST' | 'DELETE';
  readonly path: string;
  readonly takes: string;
  readonly run: (control: Control, body: unknown, query: URLSearchParams) => unknown;
}
