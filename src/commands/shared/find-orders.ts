export {
	type FoundOrder,
	findOrder,
	findOrderFolder,
	findOrderId,
	findOrders,
	OrderProblem as CommandProblem,
	reasonOf,
} from '../../store/find-orders.ts';
