import type { ExpositionFormat } from './exposition.ts';
import { protobuf } from './protobuf-format.ts';
import { openMetricsText, prometheusText } from './text-formats.ts';

interface Offer {
	readonly type: string;
	/** Parameters that must be as here where the client names them. */
	readonly parameters: Readonly<Record<string, string>>;
	readonly format: ExpositionFormat;
}

/** Of equal weight, the first here is preferred. */
const offers: readonly Offer[] = [
	{
		type: 'application/vnd.google.protobuf',
		parameters: { proto: 'io.prometheus.client.metricfamily', encoding: 'delimited' },
		format: protobuf,
	},
	{
		type: 'application/openmetrics-text',
		parameters: { version: '1.0.0' },
		format: openMetricsText,
	},
	{ type: 'text/plain', parameters: { version: '0.0.4' }, format: prometheusText },
];

/** More than any client sends; what follows is not read. */
const acceptMax = 4096;

/** The format that a client likes best by its `Accept`; text 0.0.4 when it names none of ours. */
export function formatFor(accept: string | undefined): ExpositionFormat {
	let best: { readonly offer: Offer; readonly weight: number } | null = null;
	for (const range of (accept ?? '').slice(0, acceptMax).split(',')) {
		const [type = '', ...rest] = range.split(';').map((part) => part.trim().toLowerCase());
		const parameters = new Map(rest.map((part) => pairOf(part)));
		const weight = Number(parameters.get('q') ?? 1);
		const offer = offers.find((one) => one.type === type && fits(one, parameters));
		if (offer === undefined || !(weight > 0)) continue;
		const isBetter =
			best === null ||
			weight > best.weight ||
			(weight === best.weight && offers.indexOf(offer) < offers.indexOf(best.offer));
		if (isBetter) best = { offer, weight };
	}
	return best?.offer.format ?? prometheusText;
}

function pairOf(part: string): [string, string] {
	const at = part.indexOf('=');
	if (at < 0) return [part, ''];
	return [
		part.slice(0, at).trim(),
		part
			.slice(at + 1)
			.replaceAll('"', '')
			.trim(),
	];
}

function fits({ parameters }: Offer, asked: ReadonlyMap<string, string>): boolean {
	return Object.entries(parameters).every(([name, value]) => (asked.get(name) ?? value) === value);
}
