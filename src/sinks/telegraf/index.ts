import type { OpenSink, Sink, SinkTools } from '../../model/sink.ts';
import { openHttp } from './http.ts';
import { describeDestination, settings, type TelegrafSettings } from './settings.ts';
import { openStream } from './stream.ts';
import { openUdp } from './udp.ts';

/** Telegraf, or an InfluxDB: measurements in Influx line protocol. */
export const telegraf: Sink<TelegrafSettings> = {
	name: 'telegraf',
	settings,
	destination: describeDestination,
	confirms: ({ url }) => url.kind !== 'udp',
	takes: (order) => order.measurementName !== undefined,
	open,
};

/** Telegraf's socket_listener has as much room for a line, unless its read_buffer_size says otherwise. */
const lineMaxBytes = 64 * 1024;

function open(entry: TelegrafSettings, tools: SinkTools): Promise<OpenSink> {
	const { url } = entry;
	const common = { destination: describeDestination(entry), content: entry };
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
