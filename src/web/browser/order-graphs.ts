/** Which time the pictures of an order show, what is loaded for it, and what the address says. */
import { addGestures, type Moves } from './gestures.ts';
import { boundOf, type HeatWidth, heatMapOf, usualWidth } from './heat-model.ts';
import { fetchHistograms, fetchSmoke, type Histograms, type OrderMark } from './order-data.ts';
import { heatPlot, lossPlot, type Shown, smokePlot } from './order-plots.ts';
import { type Fit, heightOf } from './smoke-model.ts';
import { onThemeChange } from './theme.ts';
import type { TimePlot } from './time-plot.ts';
import {
	type Bounds,
	boundsOf,
	fixedRange,
	panned,
	putRange,
	rangeIn,
	type TimeRange,
	zoomed,
} from './time-range.ts';

export interface GraphHosts {
	readonly smoke: HTMLElement;
	readonly loss: HTMLElement;
	/** Null: the page has no heatmap. */
	readonly heat: HTMLElement | null;
}

export interface GraphSettings {
	readonly id: string;
	/** Other orders in the heatmap. */
	readonly others: readonly string[];
	readonly range: TimeRange;
	readonly fit: Fit;
	/** Null: what suits the span. */
	readonly heatWidth: HeatWidth | null;
	readonly marks: readonly OrderMark[];
	/** Whether there is something to be loaded already. */
	readonly isMeasured: boolean;
}

export interface GraphListener {
	/** What is shown is another, or has changed. */
	changed(graphs: OrderGraphs): void;
	/** The cursor is at a time; null: it is away. */
	pointed(graphs: OrderGraphs, seconds: number | null): void;
	/** Something could not be loaded; null: it can again. */
	trouble(message: string | null): void;
}

/** Wheels and fingers ask much oftener than a server should be. */
const restMs = 120;

export class OrderGraphs {
	readonly shown: Shown;
	readonly settings: GraphSettings;
	range: TimeRange;
	fit: Fit;
	heatWidth: HeatWidth | null;
	readonly #listener: GraphListener;
	readonly #smoke: TimePlot;
	readonly #loss: TimePlot;
	readonly #heat: TimePlot | null;
	#histories: readonly Histograms[] = [];
	#loading: AbortController | null = null;
	#timer = 0;
	#address = 0;

	constructor(settings: GraphSettings, hosts: GraphHosts, listener: GraphListener) {
		this.settings = settings;
		this.range = settings.range;
		this.fit = settings.fit;
		this.heatWidth = settings.heatWidth;
		this.#listener = listener;
		this.shown = { smoke: null, heat: null, marks: settings.marks, nowSeconds: Date.now() / 1000 };
		const events = {
			selected: (bounds: Bounds) => this.go(fixedRange(bounds, Date.now() / 1000), true),
			pointed: (seconds: number | null) => listener.pointed(this, seconds),
		};
		this.#smoke = smokePlot(hosts.smoke, this.shown, events);
		this.#loss = lossPlot(hosts.loss, this.shown, events);
		this.#heat = hosts.heat === null ? null : heatPlot(hosts.heat, this.shown, events);
		for (const plot of this.plots) addGestures(plot, this.#moves());
		onThemeChange(() => this.draw());
		addEventListener('popstate', () => this.#fromAddress());
		this.draw();
		// The server says 404 where there is nothing, which browsers tell as an error.
		if (settings.isMeasured) void this.load();
	}

	get plots(): readonly TimePlot[] {
		return [this.#smoke, this.#loss, ...(this.#heat === null ? [] : [this.#heat])];
	}

	get canvases(): readonly HTMLCanvasElement[] {
		return [this.#smoke.canvas, this.#loss.canvas];
	}

	get bounds(): Bounds {
		return boundsOf(this.range, this.shown.nowSeconds);
	}

	/** Whether it goes on with the time. */
	get isLive(): boolean {
		return this.range.kind === 'last';
	}

	get widthOfHeat(): HeatWidth {
		const { startSeconds, endSeconds } = this.bounds;
		return this.heatWidth ?? usualWidth(endSeconds - startSeconds);
	}

	/** Shows another time. `isStep`: one that the reader may go back from. */
	go(range: TimeRange, isStep: boolean): void {
		if (JSON.stringify(range) === JSON.stringify(this.range)) return;
		this.range = range;
		this.shown.nowSeconds = Date.now() / 1000;
		this.#keep(isStep);
		this.draw();
		clearTimeout(this.#timer);
		this.#timer = window.setTimeout(() => void this.load(), isStep ? 0 : restMs);
	}

	/** Other heights or columns. */
	look(fit: Fit, heatWidth: HeatWidth | null): void {
		this.fit = fit;
		this.heatWidth = heatWidth;
		this.#keep(false);
		this.#mapHeat();
		this.draw();
	}

	/** There may be something new. */
	async load(): Promise<void> {
		this.#loading?.abort();
		this.#loading = new AbortController();
		const { signal } = this.#loading;
		const { id, others } = this.settings;
		this.shown.nowSeconds = Date.now() / 1000;
		const { bounds } = this;
		try {
			const ids = this.#heat === null ? [] : [id, ...others];
			const [smoke, ...histories] = await Promise.all([
				fetchSmoke(id, bounds, this.#smoke.insideWidth * Math.min(2, devicePixelRatio), signal),
				...ids.map((each) => fetchHistograms(each, widened(bounds), signal)),
			]);
			this.shown.smoke = smoke ?? null;
			this.#histories = histories.map((history) => (history as Histograms | null) ?? { hours: [], days: [] });
			this.#mapHeat();
			this.#listener.trouble(null);
			this.draw();
		} catch (error) {
			if (!signal.aborted) this.#listener.trouble((error as Error).message);
		}
	}

	draw(): void {
		const { bounds, shown } = this;
		const { smoke, heat } = shown;
		const rowAt = (seconds: number) =>
			smoke === null ? 0 : Math.floor((seconds - smoke.startSeconds) / smoke.stepSeconds);
		const height =
			smoke === null
				? 0
				: heightOf(smoke, rowAt(bounds.startSeconds), rowAt(bounds.endSeconds) + 1, this.fit);
		this.#smoke.show(bounds, 0, height || 0.001);
		this.#loss.show(bounds, 0, 1);
		const [low, high] =
			heat === null
				? [0.001, 1]
				: [boundOf(heat.lowest - 2, heat.schema), boundOf(heat.highest + 1, heat.schema)];
		this.#heat?.show(bounds, low, high);
		this.#listener.changed(this);
	}

	#mapHeat(): void {
		this.shown.heat = heatMapOf(this.#histories, this.widthOfHeat, widened(this.bounds));
	}

	#moves(): Moves {
		const now = () => Date.now() / 1000;
		const to = (bounds: Bounds, isStep: boolean) => this.go(fixedRange(bounds, now()), isStep);
		return {
			zoom: (factor, aroundSeconds) => {
				const { startSeconds, endSeconds } = this.bounds;
				const around = aroundSeconds ?? (startSeconds + endSeconds) / 2;
				to(zoomed(this.bounds, factor, around), aroundSeconds === null);
			},
			pan: (share) => to(panned(this.bounds, share), true),
			shift: (seconds) => {
				const { startSeconds, endSeconds } = this.bounds;
				const by = Math.min(seconds, now() - endSeconds);
				to({ startSeconds: startSeconds + by, endSeconds: endSeconds + by }, false);
			},
			reset: () => this.go(this.settings.range, true),
			toNow: () => {
				const { startSeconds, endSeconds } = this.bounds;
				this.go(
					{ kind: 'last', seconds: Math.max(60, Math.round((endSeconds - startSeconds) / 60) * 60) },
					true,
				);
			},
		};
	}

	#keep(isStep: boolean): void {
		const url = new URL(location.href);
		putRange(url.searchParams, this.range);
		if (this.fit === 'all') url.searchParams.set('fit', 'all');
		else url.searchParams.delete('fit');
		if (this.heatWidth === null) url.searchParams.delete('heat');
		else url.searchParams.set('heat', this.heatWidth);
		if (isStep) {
			history.pushState(null, '', url);
			return;
		}
		// Browsers refuse more than a few a second.
		clearTimeout(this.#address);
		this.#address = window.setTimeout(() => history.replaceState(null, '', url), restMs);
	}

	#fromAddress(): void {
		this.range = rangeIn(new URLSearchParams(location.search)) ?? this.settings.range;
		this.draw();
		void this.load();
	}
}

/** A column at the edge is shown whole. */
function widened({ startSeconds, endSeconds }: Bounds): Bounds {
	return { startSeconds: startSeconds - 7 * 86_400, endSeconds };
}
