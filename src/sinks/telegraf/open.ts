import type { OpenSink, SinkTools } from '../../model/sink.ts';
import { openHttp } from './http.ts';
import { describeDestination, type TelegrafSettings } from './settings.ts';
import { openStream } from './stream.ts';
import { openUdp } from './udp.ts';

/** Telegraf's socket_listener has as much room for a line, unless its read_buffer_size says otherwise. */
const lineMaxBytes = 64 * 1024;

export function open(entry: TelegrafSettings, tools: SinkTools): Promise<OpenSink> {
	const { url } = entry;
	const common = { destination: describeDestination(entry), content: { ...entry, facts: tools.facts } };
	switch (url.kind) {
		case 'udp':
			return openUdp({ ...url, ...common, timeoutMs: tools.timeoutMs }, tools.signal);
		case 'tcp':
		case 'unix':
			return openStream(
				{ address: url, ...common, lineMaxBytes: entry.max_line_bytes ?? lineMaxBytes },
				tools.signal,
			);
		case 'http':
			return openHttp(entry, tools);
	}
}
