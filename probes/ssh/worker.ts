/** The thread of the probe ssh: no round-trip time may have the delays of the main thread in it. */
import { parentPort } from 'node:worker_threads';
import { serveThread } from '../shared/serve-thread.ts';
import { runPings } from './run.ts';

serveThread(parentPort, runPings);
