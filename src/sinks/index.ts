import type { AnySink, SinkTable } from '../model/sink.ts';
import { telegraf } from './telegraf/index.ts';

const sinks: readonly AnySink[] = [telegraf];

/** The sinks that the config file may name. */
export const builtInSinks: SinkTable = new Map(sinks.map((sink) => [sink.name, sink]));
