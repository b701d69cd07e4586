/**
 * A fault-injecting proxy before a real kube-apiserver, for tests: what it can do stands in `fault.ts`, how it is used in
 * the README beside it.
 */
export type { ConnectionCount, ConnectionFigures } from './connections.ts';
export type { Fault, Match, RequestHead, RequestKind, Rule, StatusFault, StreamFault } from './fault.ts';
export { type FaultProxy, type FaultProxyOptions, startFaultProxy } from './proxy.ts';
export type { LoggedRequest } from './request-log.ts';
export type { Injected } from './rules.ts';
