/** How a program is kept in, as the Deployment has the kubelet do it. */

/** A file or folder of the host that is in the container, to be read. */
export interface Volume {
  readonly from: string;
  /** Absolute, in the container. */
  readonly to: string;
}

export interface Confinement {
  /** Absolute path of the root file system, of which nothing can be changed from within. */
  readonly root: string;
  readonly uid: number;
  readonly gid: number;
  readonly workdir: string;
  readonly volumes: readonly Volume[];
  /** Ports of 127.0.0.1 behind which there are servers of the host; there is no other address. */
  readonly servers: readonly number[];
  /** A port of the program that the host may reach. */
  readonly published?: number;
}

/** What is told to `confined.ts`. */
export interface Order extends Confinement {
  readonly command: readonly string[];
  readonly environment: Readonly<Record<string, string>>;
  /** Folder of the sockets that join the two networks. */
  readonly exchange: string;
  /** Whether it is root of a user namespace only, and of nothing outside. */
  readonly isRootless: boolean;
}

export const serverSocket = (exchange: string, port: number): string => `${exchange}/server-${String(port)}`;
export const publishedSocket = (exchange: string): string => `${exchange}/published`;

/** Namespaces of its own, and a process tree that ends with its first process. */
export const NAMESPACES = ['--mount', '--net', '--ipc', '--uts', '--pid', '--fork', '--kill-child', '--mount-proc'];
