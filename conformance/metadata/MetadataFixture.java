import java.util.Collection;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import org.apache.kafka.clients.admin.Admin;
import org.apache.kafka.clients.admin.AlterConfigOp;
import org.apache.kafka.clients.admin.ConfigEntry;
import org.apache.kafka.clients.admin.CreateDelegationTokenOptions;
import org.apache.kafka.clients.admin.ExpireDelegationTokenOptions;
import org.apache.kafka.clients.admin.FeatureUpdate;
import org.apache.kafka.clients.admin.NewPartitions;
import org.apache.kafka.clients.admin.NewTopic;
import org.apache.kafka.clients.admin.RenewDelegationTokenOptions;
import org.apache.kafka.clients.admin.ScramCredentialInfo;
import org.apache.kafka.clients.admin.ScramMechanism;
import org.apache.kafka.clients.admin.UpdateFeaturesOptions;
import org.apache.kafka.clients.admin.UserScramCredentialDeletion;
import org.apache.kafka.clients.admin.UserScramCredentialUpsertion;
import org.apache.kafka.clients.producer.KafkaProducer;
import org.apache.kafka.clients.producer.ProducerRecord;
import org.apache.kafka.common.acl.AccessControlEntry;
import org.apache.kafka.common.acl.AclBinding;
import org.apache.kafka.common.acl.AclOperation;
import org.apache.kafka.common.acl.AclPermissionType;
import org.apache.kafka.common.config.ConfigResource;
import org.apache.kafka.common.quota.ClientQuotaAlteration;
import org.apache.kafka.common.quota.ClientQuotaEntity;
import org.apache.kafka.common.resource.PatternType;
import org.apache.kafka.common.resource.ResourcePattern;
import org.apache.kafka.common.resource.ResourceType;
import org.apache.kafka.common.security.token.delegation.DelegationToken;

/** Leads a broker to write every kind of metadata record that a client can bring about. Argument: host:port (SASL). */
public class MetadataFixture {
    public static void main(String[] args) throws Exception {
        Map<String, Object> config = new HashMap<>();
        config.put("bootstrap.servers", args[0]);
        config.put("security.protocol", "SASL_PLAINTEXT");
        config.put("sasl.mechanism", "SCRAM-SHA-256");
        config.put("sasl.jaas.config", "org.apache.kafka.common.security.scram.ScramLoginModule required username=\"admin\" password=\"admin-secret\";");
        Map<String, Object> producing = new HashMap<>(config);
        producing.put("key.serializer", "org.apache.kafka.common.serialization.StringSerializer");
        producing.put("value.serializer", "org.apache.kafka.common.serialization.StringSerializer");
        try (Admin admin = Admin.create(config)) {
            topics(admin);
            try (KafkaProducer<String, String> producer = new KafkaProducer<>(producing)) {
                producer.send(new ProducerRecord<>("orders", "key", "value")).get();
            }
            configs(admin);
            quotas(admin);
            scram(admin);
            acls(admin);
            tokens(admin);
            admin.updateFeatures(Map.of("eligible.leader.replicas.version", new FeatureUpdate((short) 0, FeatureUpdate.UpgradeType.SAFE_DOWNGRADE)),
                new UpdateFeaturesOptions()).all().get();
            admin.updateFeatures(Map.of("eligible.leader.replicas.version", new FeatureUpdate((short) 1, FeatureUpdate.UpgradeType.UPGRADE)),
                new UpdateFeaturesOptions()).all().get();
            admin.incrementalAlterConfigs(Map.of(new ConfigResource(ConfigResource.Type.TOPIC, "orders"),
                List.of(set("min.insync.replicas", "1")))).all().get();
        }
    }

    private static void topics(Admin admin) throws Exception {
        admin.createTopics(List.of(
            new NewTopic("orders", 3, (short) 1).configs(Map.of("retention.ms", "1000", "cleanup.policy", "compact,delete")),
            new NewTopic("dotted.name", 1, (short) 1),
            new NewTopic("doomed", 2, (short) 1).configs(Map.of("segment.ms", "7")))).all().get();
        admin.createTopics(List.of(new NewTopic("assigned", Map.of(0, List.of(1), 1, List.of(1))))).all().get();
        admin.createPartitions(Map.of("dotted.name", NewPartitions.increaseTo(4))).all().get();
        admin.deleteTopics(List.of("doomed")).all().get();
        admin.createTopics(List.of(new NewTopic("doomed", 1, (short) 1))).all().get();
    }

    private static AlterConfigOp set(String key, String value) {
        return new AlterConfigOp(new ConfigEntry(key, value), AlterConfigOp.OpType.SET);
    }

    private static AlterConfigOp delete(String key) {
        return new AlterConfigOp(new ConfigEntry(key, null), AlterConfigOp.OpType.DELETE);
    }

    private static void configs(Admin admin) throws Exception {
        Map<ConfigResource, Collection<AlterConfigOp>> changes = new HashMap<>();
        changes.put(new ConfigResource(ConfigResource.Type.TOPIC, "orders"), List.of(set("retention.bytes", "5"), delete("retention.ms")));
        changes.put(new ConfigResource(ConfigResource.Type.BROKER, ""), List.of(set("log.retention.ms", "99")));
        changes.put(new ConfigResource(ConfigResource.Type.BROKER, "1"), List.of(set("num.io.threads", "4")));
        changes.put(new ConfigResource(ConfigResource.Type.GROUP, "team"), List.of(set("consumer.session.timeout.ms", "50000")));
        changes.put(new ConfigResource(ConfigResource.Type.CLIENT_METRICS, "watch"), List.of(set("interval.ms", "1000")));
        admin.incrementalAlterConfigs(changes).all().get();
        admin.incrementalAlterConfigs(Map.of(new ConfigResource(ConfigResource.Type.BROKER, "1"), List.of(delete("num.io.threads")))).all().get();
    }

    private static ClientQuotaEntity entity(String... pairs) {
        Map<String, String> entries = new HashMap<>();
        for (int i = 0; i < pairs.length; i += 2) entries.put(pairs[i], pairs[i + 1]);
        return new ClientQuotaEntity(entries);
    }

    private static void quotas(Admin admin) throws Exception {
        admin.alterClientQuotas(List.of(
            new ClientQuotaAlteration(entity("user", "alice", "client-id", null), List.of(
                new ClientQuotaAlteration.Op("producer_byte_rate", 1024.0), new ClientQuotaAlteration.Op("request_percentage", 25.5))),
            new ClientQuotaAlteration(entity("user", null), List.of(new ClientQuotaAlteration.Op("consumer_byte_rate", 7.0))),
            new ClientQuotaAlteration(entity("ip", "127.0.0.9"), List.of(new ClientQuotaAlteration.Op("connection_creation_rate", 9.0))))).all().get();
        admin.alterClientQuotas(List.of(new ClientQuotaAlteration(entity("user", "alice", "client-id", null), List.of(
            new ClientQuotaAlteration.Op("request_percentage", null))))).all().get();
        admin.alterClientQuotas(List.of(new ClientQuotaAlteration(entity("user", null), List.of(
            new ClientQuotaAlteration.Op("consumer_byte_rate", null))))).all().get();
    }

    private static void scram(Admin admin) throws Exception {
        admin.alterUserScramCredentials(List.of(
            new UserScramCredentialUpsertion("alice", new ScramCredentialInfo(ScramMechanism.SCRAM_SHA_256, 4096), "secret"),
            new UserScramCredentialUpsertion("bob", new ScramCredentialInfo(ScramMechanism.SCRAM_SHA_512, 8192), "secret"))).all().get();
        admin.alterUserScramCredentials(List.of(new UserScramCredentialDeletion("bob", ScramMechanism.SCRAM_SHA_512))).all().get();
    }

    private static void acls(Admin admin) throws Exception {
        AclBinding read = new AclBinding(new ResourcePattern(ResourceType.TOPIC, "ord", PatternType.PREFIXED),
            new AccessControlEntry("User:alice", "*", AclOperation.READ, AclPermissionType.ALLOW));
        AclBinding deny = new AclBinding(new ResourcePattern(ResourceType.GROUP, "*", PatternType.LITERAL),
            new AccessControlEntry("User:bob", "10.0.0.1", AclOperation.ALL, AclPermissionType.DENY));
        admin.createAcls(List.of(read, deny)).all().get();
        admin.deleteAcls(List.of(deny.toFilter())).all().get();
    }

    private static void tokens(Admin admin) throws Exception {
        DelegationToken kept = admin.createDelegationToken(new CreateDelegationTokenOptions().maxLifetimeMs(3_600_000)).delegationToken().get();
        DelegationToken ended = admin.createDelegationToken(new CreateDelegationTokenOptions().maxLifetimeMs(3_600_000)).delegationToken().get();
        Thread.sleep(1000);
        admin.renewDelegationToken(kept.hmac(), new RenewDelegationTokenOptions().renewTimePeriodMs(60_000)).expiryTimestamp().get();
        admin.expireDelegationToken(ended.hmac(), new ExpireDelegationTokenOptions().expiryTimePeriodMs(-1)).expiryTimestamp().get();
    }
}
