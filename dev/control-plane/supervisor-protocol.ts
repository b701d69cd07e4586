/** What the starter of a supervisor and the supervisor say to each other: one JSON object a line. */

export interface ProcessSpec {
  readonly command: string;
  readonly args: readonly string[];
  readonly cwd: string;
  /** The whole environment: nothing is inherited, so that no `ETCD_…` of the user's reaches the process. */
  readonly env: Readonly<Record<string, string>>;
  /** Gets standard output and standard error, appended. */
  readonly logFile: string;
}

export interface Exit {
  readonly code: number | null;
  readonly signal: NodeJS.Signals | null;
}

export interface Command {
  readonly type: 'start';
  readonly id: number;
  readonly spec: ProcessSpec;
}

export type Report =
  | { readonly type: 'ready'; readonly folder: string }
  | { readonly type: 'started'; readonly id: number; readonly pid: number }
  | { readonly type: 'failed'; readonly id: number; readonly message: string }
  | ({ readonly type: 'exited'; readonly id: number } & Exit);
