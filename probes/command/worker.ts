/** The thread of the probe command: to start a process takes milliseconds that no other time may have in it. */
import { parentPort } from 'node:worker_threads';
import { nameThread } from '../../src/host/thread-name.ts';
import { serveThread } from '../shared/serve-thread.ts';
import { runPrograms } from './run.ts';

nameThread('programs');
serveThread(parentPort, runPrograms);
