import type { Log } from '../model/log.ts';
import type { OrdersScan } from '../orders/seen.ts';
import type { Store } from '../store/store-parts.ts';

/** Tells how long the first scan of orders/ took, and all that came of it. */
export function tellFirstScan(scan: OrdersScan, store: Pick<Store, 'flush'>, log: Log): void {
	log.debug(`first scan done: ${scan.files} files in ${Math.round(scan.elapsedMs)} ms`);
	const startedMs = performance.now() - scan.elapsedMs;
	const told = () => {
		const ms = Math.round(performance.now() - startedMs);
		log.debug(`all orders of the first scan are enrolled after ${ms} ms`);
	};
	store.flush().then(told, () => {});
}
