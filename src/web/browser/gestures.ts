/** Wheel, pan and keys on plots over time. Dragging a span is what uPlot itself does. */
import type { TimePlot } from './time-plot.ts';

/** What they ask for. */
export interface Moves {
	/** Longer or shorter by a factor, around a point; null: around the middle. */
	zoom(factor: number, aroundSeconds: number | null): void;
	/** Later by a share of what is shown; earlier when it is below 0. */
	pan(share: number): void;
	/** Later by so many seconds. */
	shift(seconds: number): void;
	/** As it was at first. */
	reset(): void;
	/** Up to now. */
	toNow(): void;
}

const zoomStep = 1.25;

export function addGestures(plot: TimePlot, moves: Moves): void {
	const { host } = plot;
	host.addEventListener('wheel', (event) => onWheel(event, plot, moves), { passive: false });
	host.addEventListener('keydown', (event) => onKey(event, moves));
	host.addEventListener('dblclick', () => moves.reset());
	panWithMouse(plot, moves);
	panWithFingers(plot, moves);
}

function onWheel(event: WheelEvent, plot: TimePlot, moves: Moves): void {
	event.preventDefault();
	if (Math.abs(event.deltaX) > Math.abs(event.deltaY) || event.shiftKey)
		moves.pan(Math.sign(event.deltaX || event.deltaY) * 0.1);
	else if (event.deltaY !== 0)
		moves.zoom(event.deltaY > 0 ? zoomStep : 1 / zoomStep, plot.secondsAt(event.clientX));
}

function onKey(event: KeyboardEvent, moves: Moves): void {
	if (event.ctrlKey || event.metaKey || event.altKey) return;
	const actions: Readonly<Record<string, () => void>> = {
		ArrowLeft: () => moves.pan(-0.25),
		ArrowRight: () => moves.pan(0.25),
		ArrowUp: () => moves.zoom(1 / zoomStep, null),
		ArrowDown: () => moves.zoom(zoomStep, null),
		'+': () => moves.zoom(1 / zoomStep, null),
		'=': () => moves.zoom(1 / zoomStep, null),
		'-': () => moves.zoom(zoomStep, null),
		PageUp: () => moves.pan(-1),
		PageDown: () => moves.pan(1),
		Home: () => moves.reset(),
		End: () => moves.toNow(),
	};
	const action = actions[event.key];
	if (action === undefined) return;
	event.preventDefault();
	action();
}

/** With shift or the middle button: the button alone drags a span. */
function panWithMouse(plot: TimePlot, moves: Moves): void {
	const { host } = plot;
	host.addEventListener(
		'mousedown',
		(down) => {
			if (!(down.button === 1 || (down.button === 0 && down.shiftKey))) return;
			down.preventDefault();
			down.stopPropagation();
			let last = down.clientX;
			const move = (event: MouseEvent) => {
				moves.shift(-plot.secondsBetween(last, event.clientX));
				last = event.clientX;
			};
			const up = () => {
				removeEventListener('mousemove', move);
				removeEventListener('mouseup', up);
			};
			addEventListener('mousemove', move);
			addEventListener('mouseup', up);
		},
		true,
	);
}

/** One finger pans, two zoom. */
function panWithFingers(plot: TimePlot, moves: Moves): void {
	const { host } = plot;
	const fingers = new Map<number, number>();
	host.addEventListener('pointerdown', ({ pointerType, pointerId, clientX }) => {
		if (pointerType === 'touch') fingers.set(pointerId, clientX);
	});
	host.addEventListener('pointermove', ({ pointerId, clientX }) => {
		const before = fingers.get(pointerId);
		if (before === undefined) return;
		const other = [...fingers].find(([id]) => id !== pointerId)?.[1];
		fingers.set(pointerId, clientX);
		if (other === undefined) moves.shift(-plot.secondsBetween(before, clientX));
		else if (Math.abs(clientX - other) > 10)
			moves.zoom(Math.abs(before - other) / Math.abs(clientX - other), plot.secondsAt((clientX + other) / 2));
	});
	for (const end of ['pointerup', 'pointercancel', 'pointerleave'] as const)
		host.addEventListener(end, ({ pointerId }) => fingers.delete(pointerId));
}
