import type { AnySink, SinkTable } from '../model/sink.ts';

const sinks: readonly AnySink[] = [];

/** The sinks that the config file may name. */
export const builtInSinks: SinkTable = new Map(sinks.map((sink) => [sink.name, sink]));
