/** Has etcd forget old revisions, as the API server asks it to every five minutes: by its own protocol, gRPC. */
import { once } from 'node:events';
import { connect } from 'node:http2';
import { connect as connectSocket } from 'node:net';
import { dirname, join } from 'node:path';

/** The revision that is kept from then on, small enough that nobody reads before it. */
const KEPT_FROM = 2;

/** `CompactionRequest{revision}` of etcdserverpb, in a gRPC frame. */
const REQUEST = Buffer.from([0, 0, 0, 0, 2, 0x08, KEPT_FROM]);

/** @param kubeconfig of the control plane, beside which etcd has its socket */
export const forgetFirstRevision = async (kubeconfig: string): Promise<void> => {
  const socket = join(dirname(kubeconfig), 'etcd.sock:0');
  const session = connect('http://etcd', { createConnection: () => connectSocket(socket) });
  try {
    const stream = session.request({
      ':method': 'POST',
      ':path': '/etcdserverpb.KV/Compact',
      'content-type': 'application/grpc',
      te: 'trailers',
    });
    // That it is done already is an answer too.
    stream.end(REQUEST);
    stream.resume();
    await once(stream, 'end');
  } finally {
    session.close();
  }
};
