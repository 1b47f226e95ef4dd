/** The thread of the probe command: to start a process takes milliseconds that no other time may have in it. */
import { parentPort } from 'node:worker_threads';
import { serveThread } from '../shared/serve-thread.ts';
import { runPrograms } from './run.ts';

serveThread(parentPort, runPrograms);
