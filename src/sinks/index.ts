import type { AnySink, SinkTable } from '../model/sink.ts';
import { elasticsearch } from './elasticsearch/index.ts';
import { file } from './file/index.ts';
import { hub } from './hub/index.ts';
import { kafka } from './kafka/index.ts';
import { redis } from './redis/index.ts';
import { stdout } from './stdout/index.ts';
import { telegraf } from './telegraf/index.ts';

const sinks: readonly AnySink[] = [telegraf, redis, elasticsearch, kafka, file, stdout, hub];

/** The sinks that the config file may name. */
export const builtInSinks: SinkTable = new Map(sinks.map((sink) => [sink.name, sink]));
