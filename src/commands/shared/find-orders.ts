export {
	type FoundOrder,
	findOrder,
	findOrderFolder,
	findOrderId,
	findOrders,
	OrderProblem as CommandProblem,
	popsIn,
	reasonOf,
} from '../../store/find-orders.ts';
