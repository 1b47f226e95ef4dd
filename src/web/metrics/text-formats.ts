import type { ExpositionFormat, HistogramValue, Labels, MetricFamily } from './exposition.ts';

/** Numbers as both text formats have them. */
function numberText(value: number): string {
	if (Number.isFinite(value)) return String(value);
	if (Number.isNaN(value)) return 'NaN';
	return value > 0 ? '+Inf' : '-Inf';
}

/** Bounds as Go writes them, and with it all others: a bound that is written in another way is another series. */
function boundText(bound: number): string {
	const isShort = bound !== 0 && Math.abs(bound) < 1e-4;
	return isShort ? bound.toExponential().replace(/e-(\d)$/, 'e-0$1') : numberText(bound);
}

const boundsMax = 1000;

/** What both text formats have in common. */
class TextFormat {
	readonly encoding = 'utf8';
	readonly isFramed = false;
	/** Bounds as they are written. */
	readonly #bounds = new Map<number, string>();
	readonly #boundText: (bound: number) => string;

	constructor(boundText: (bound: number) => string) {
		this.#boundText = boundText;
	}

	sample({ name }: MetricFamily, labels: Labels, value: number): string {
		return `${name}${labels.braced} ${numberText(value)}\n`;
	}

	histogram({ name }: MetricFamily, labels: Labels, { count, sum, classic }: HistogramValue): string {
		const opened = `${name}_bucket{${labels.text === '' ? '' : `${labels.text},`}le="`;
		let text = '';
		for (const [bound, cumulative] of classic) {
			let shown = this.#bounds.get(bound);
			if (shown === undefined) {
				shown = `${this.#boundText(bound)}"} `;
				// Those of one neighbour differ from order to order.
				if (this.#bounds.size < boundsMax) this.#bounds.set(bound, shown);
			}
			text += `${opened}${shown}${cumulative}\n`;
		}
		text += `${opened}+Inf"} ${count}\n`;
		const own = labels.braced;
		return `${text}${name}_sum${own} ${numberText(sum)}\n${name}_count${own} ${count}\n`;
	}
}

class PrometheusText extends TextFormat implements ExpositionFormat {
	readonly contentType = 'text/plain; version=0.0.4; charset=utf-8';
	readonly tail = '';

	head({ name, help, kind }: MetricFamily): string {
		const types = { counter: 'counter', legacyCounter: 'counter', gauge: 'gauge', histogram: 'histogram' };
		const type = kind === 'info' ? 'gauge' : types[kind];
		const helpText = help.replaceAll('\\', '\\\\').replaceAll('\n', '\\n');
		return `# HELP ${name} ${helpText}\n# TYPE ${name} ${type}\n`;
	}
}

class OpenMetricsText extends TextFormat implements ExpositionFormat {
	readonly contentType = 'application/openmetrics-text; version=1.0.0; charset=utf-8';
	readonly tail = '# EOF\n';

	/** Here a family of counters or infos is called by its name without the ending that its samples have. */
	head({ name, help, kind }: MetricFamily): string {
		const types = {
			counter: 'counter',
			// A counter must end in _total here; what does not is of unknown type.
			legacyCounter: 'unknown',
			gauge: 'gauge',
			histogram: 'histogram',
			info: 'info',
		};
		const family =
			kind === 'counter' ? name.replace(/_total$/, '') : kind === 'info' ? name.replace(/_info$/, '') : name;
		const unit = family.endsWith('_seconds') ? `# UNIT ${family} seconds\n` : '';
		const helpText = help.replaceAll('\\', '\\\\').replaceAll('"', '\\"').replaceAll('\n', '\\n');
		return `# TYPE ${family} ${types[kind]}\n${unit}# HELP ${family} ${helpText}\n`;
	}
}

/** Bounds are floats in OpenMetrics: 1.0 and not 1. */
function floatText(bound: number): string {
	const text = boundText(bound);
	return Number.isInteger(bound) && !text.includes('e') ? `${text}.0` : text;
}

/** Prometheus' text format 0.0.4. */
export const prometheusText: ExpositionFormat = new PrometheusText(boundText);

/** OpenMetrics 1.0. */
export const openMetricsText: ExpositionFormat = new OpenMetricsText(floatText);
