import java.util.*;
import org.opensearch.common.settings.Settings;
import org.opensearch.node.InternalSettingsPreparer;
import org.opensearch.node.Node;
import org.opensearch.plugins.Plugin;

/** One OpenSearch in this process, which may be root's. Arguments: its folder, its HTTP port, further KEY=VALUE. */
public class OneNode extends Node {
	OneNode(Settings settings, Collection<Class<? extends Plugin>> plugins) {
		super(InternalSettingsPreparer.prepareEnvironment(settings, Map.of(), null, () -> "one"), plugins, true);
	}

	public static void main(String[] words) throws Exception {
		Settings.Builder settings = Settings.builder()
			.put("path.home", words[0])
			.put("http.port", words[1])
			.put("transport.port", "0")
			.put("cluster.name", "test")
			.put("node.name", "one")
			.put("discovery.type", "single-node")
			.put("network.host", "127.0.0.1")
			.put("transport.type", "netty4")
			.put("http.type", "netty4")
			.put("node.store.allow_mmap", false);
		for (String word : Arrays.copyOfRange(words, 2, words.length)) {
			String[] pair = word.split("=", 2);
			settings.put(pair[0], pair[1]);
		}
		OneNode node = new OneNode(settings.build(), List.of(
			org.opensearch.transport.Netty4Plugin.class,
			org.opensearch.analysis.common.CommonAnalysisPlugin.class));
		Runtime.getRuntime().addShutdownHook(new Thread(() -> {
			try {
				node.close();
			} catch (Exception error) {
				error.printStackTrace();
			}
		}));
		node.start();
		Thread.currentThread().join();
	}
}
