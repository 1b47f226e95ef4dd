/** Listens to the board of the server, for as long as the page is looked at. */
import type { ResultWire, RowWire } from './rows.ts';

export interface FeedTold {
	/** All rows come now; what does not come until `complete` is no more. */
	hello(nowSeconds: number, silence: string | null): void;
	rows(rows: readonly RowWire[]): void;
	complete(): void;
	results(results: readonly ResultWire[]): void;
	gone(handles: readonly number[]): void;
	/** Why the daemon is not heard; null: it is. */
	daemon(nowSeconds: number, silence: string | null): void;
	/** Whether the server itself answers. */
	link(state: 'up' | 'away' | 'login' | 'changed'): void;
}

const firstRetryMs = 1000;
const lastRetryMs = 15_000;
/** The server says something at least every ten seconds. */
const silentMs = 25_000;
/** A page that nobody sees hears nothing after a while: a browser has six connections for all pages together. */
const hiddenMs = 10_000;

/** @param version of the files of this page */
export function listen(path: string, version: string, told: FeedTold): void {
	let source: EventSource | null = null;
	let retryMs = firstRetryMs;
	let waiting: ReturnType<typeof setTimeout> | undefined;
	let heardMs = performance.now();

	function open(): void {
		clearTimeout(waiting);
		source?.close();
		heardMs = performance.now();
		const now = new EventSource(path);
		source = now;
		const on = <T>(name: string, take: (data: T) => void) =>
			now.addEventListener(name, (event) => {
				heardMs = performance.now();
				take(JSON.parse(event.data as string) as T);
			});
		on<{ version: string; now: number; silence: string | null }>('hello', (hello) => {
			retryMs = firstRetryMs;
			told.link(hello.version === version ? 'up' : 'changed');
			told.hello(hello.now, hello.silence);
		});
		on<RowWire[]>('rows', told.rows);
		on<object>('complete', () => told.complete());
		on<ResultWire[]>('results', told.results);
		on<number[]>('gone', told.gone);
		on<{ now: number; silence: string | null }>('daemon', ({ now, silence }) => told.daemon(now, silence));
		now.addEventListener('error', () => again('away'));
	}

	/** By ourselves: the browser gives up at some answers, and does not say which. */
	function again(state: 'away'): void {
		if (source === null) return;
		source.close();
		source = null;
		told.link(state);
		waiting = setTimeout(open, retryMs);
		retryMs = Math.min(lastRetryMs, retryMs * 2);
		fetch(path, { method: 'HEAD' }).then(
			({ status }) => {
				if (status === 401 || status === 403) told.link('login');
			},
			() => {},
		);
	}

	function close(): void {
		clearTimeout(waiting);
		source?.close();
		source = null;
	}

	let hiding: ReturnType<typeof setTimeout> | undefined;
	document.addEventListener('visibilitychange', () => {
		clearTimeout(hiding);
		if (document.hidden) hiding = setTimeout(close, hiddenMs);
		else if (source === null) open();
	});
	setInterval(() => {
		if (source !== null && performance.now() - heardMs > silentMs) again('away');
	}, 5000);
	open();
}
