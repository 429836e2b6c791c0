package dev.fuselage.containerd;

import com.google.protobuf.Empty;
import dev.fuselage.channel.UnixChannel;
import dev.fuselage.containerd.proto.Container;
import dev.fuselage.containerd.proto.ContainersGrpc;
import dev.fuselage.containerd.proto.ContentGrpc;
import dev.fuselage.containerd.proto.Envelope;
import dev.fuselage.containerd.proto.EventsGrpc;
import dev.fuselage.containerd.proto.ImagesGrpc;
import dev.fuselage.containerd.proto.Info;
import dev.fuselage.containerd.proto.InfoRequest;
import dev.fuselage.containerd.proto.IntrospectionGrpc;
import dev.fuselage.containerd.proto.LeasesGrpc;
import dev.fuselage.containerd.proto.ListContainersRequest;
import dev.fuselage.containerd.proto.ListContentRequest;
import dev.fuselage.containerd.proto.ListImagesRequest;
import dev.fuselage.containerd.proto.ListNamespacesRequest;
import dev.fuselage.containerd.proto.ListRequest;
import dev.fuselage.containerd.proto.ListResourcesRequest;
import dev.fuselage.containerd.proto.NamespacesGrpc;
import dev.fuselage.containerd.proto.PluginsRequest;
import dev.fuselage.containerd.proto.StatKnownSnapshotRequest;
import dev.fuselage.containerd.proto.SubscribeRequest;
import dev.fuselage.containerd.proto.VersionGrpc;
import io.grpc.CallOptions;
import io.grpc.Channel;
import io.grpc.ClientInterceptor;
import io.grpc.ClientInterceptors;
import io.grpc.Metadata;
import io.grpc.MethodDescriptor;
import io.grpc.Status;
import io.grpc.StatusRuntimeException;
import io.grpc.protobuf.ProtoUtils;
import io.grpc.stub.AbstractStub;
import io.grpc.stub.ClientCalls;
import io.grpc.stub.MetadataUtils;
import io.grpc.stub.StreamObserver;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.concurrent.TimeUnit;
import java.util.function.Consumer;

/**
 * The questions that are asked of containerd; nothing is ever changed there. Each may end by a
 * {@link StatusRuntimeException}.
 */
final class ContainerdClient implements ContainerdApi, AutoCloseable {
  private static final Metadata.Key<String> NAMESPACE =
      Metadata.Key.of("containerd-namespace", Metadata.ASCII_STRING_MARSHALLER);
  private static final long DEADLINE_SECONDS = 30;

  /** Somebody waits for a report with the answer. */
  private static final long SHORT_DEADLINE_SECONDS = 2;

  private static final MethodDescriptor<StatKnownSnapshotRequest, Empty> STAT =
      MethodDescriptor.<StatKnownSnapshotRequest, Empty>newBuilder()
          .setType(MethodDescriptor.MethodType.UNARY)
          .setFullMethodName("containerd.services.snapshots.v1.Snapshots/Stat")
          .setRequestMarshaller(
              ProtoUtils.marshaller(StatKnownSnapshotRequest.getDefaultInstance()))
          .setResponseMarshaller(ProtoUtils.marshaller(Empty.getDefaultInstance()))
          .build();

  private final UnixChannel connection;
  private final Channel channel;

  /** Nothing is asked yet, so that nobody needs to answer. */
  ContainerdClient(Path socket) {
    connection = new UnixChannel(socket, "containerd");
    channel = connection.channel();
  }

  @Override
  public String version() {
    return VersionGrpc.newBlockingStub(channel)
        .withDeadlineAfter(DEADLINE_SECONDS, TimeUnit.SECONDS)
        .version(Empty.getDefaultInstance())
        .getVersion();
  }

  @Override
  public Map<String, String> snapshotter(String name) {
    return IntrospectionGrpc.newBlockingStub(channel)
        .withDeadlineAfter(DEADLINE_SECONDS, TimeUnit.SECONDS)
        .plugins(
            PluginsRequest.newBuilder()
                .addFilters("type==\"io.containerd.snapshotter.v1\",id==\"%s\"".formatted(name))
                .build())
        .getPluginsList()
        .stream()
        .findFirst()
        .map(plugin -> Map.copyOf(plugin.getExportsMap()))
        .orElse(Map.of());
  }

  @Override
  public List<String> namespaces() {
    List<String> names = new ArrayList<>();
    NamespacesGrpc.newBlockingStub(channel)
        .withDeadlineAfter(DEADLINE_SECONDS, TimeUnit.SECONDS)
        .list(ListNamespacesRequest.getDefaultInstance())
        .getNamespacesList()
        .forEach(namespace -> names.add(namespace.getName()));
    return names;
  }

  @Override
  public void containers(String namespace, Consumer<ContainerRecord> each) {
    in(namespace, ContainersGrpc.newBlockingStub(channel))
        .listStream(ListContainersRequest.getDefaultInstance())
        .forEachRemaining(
            message -> {
              Container container = message.getContainer();
              each.accept(
                  new ContainerRecord(
                      container.getId(),
                      container.getImage(),
                      container.getSnapshotter(),
                      container.getSnapshotKey(),
                      container.getLabelsMap()));
            });
  }

  @Override
  public void images(String namespace, Consumer<ImageRecord> each) {
    in(namespace, ImagesGrpc.newBlockingStub(channel))
        .list(ListImagesRequest.getDefaultInstance())
        .getImagesList()
        .forEach(
            image -> each.accept(new ImageRecord(image.getName(), image.getTarget().getDigest())));
  }

  @Override
  public void contents(String namespace, String filter, Consumer<ContentRecord> each) {
    in(namespace, ContentGrpc.newBlockingStub(channel))
        .list(ListContentRequest.newBuilder().addFilters(filter).build())
        .forEachRemaining(
            message -> message.getInfoList().forEach(info -> each.accept(record(info))));
  }

  @Override
  public Optional<ContentRecord> content(String namespace, String digest) {
    try {
      var request = InfoRequest.newBuilder().setDigest(digest).build();
      return Optional.of(
          record(in(namespace, ContentGrpc.newBlockingStub(channel)).info(request).getInfo()));
    } catch (StatusRuntimeException e) {
      if (e.getStatus().getCode() == Status.Code.NOT_FOUND) {
        return Optional.empty();
      }
      throw e;
    }
  }

  private static ContentRecord record(Info info) {
    return new ContentRecord(info.getDigest(), Map.copyOf(info.getLabelsMap()));
  }

  @Override
  public void leasedResources(String namespace, Consumer<Resource> each) {
    LeasesGrpc.LeasesBlockingStub stub = LeasesGrpc.newBlockingStub(channel);
    for (var lease : in(namespace, stub).list(ListRequest.getDefaultInstance()).getLeasesList()) {
      try {
        in(namespace, stub)
            .listResources(ListResourcesRequest.newBuilder().setId(lease.getId()).build())
            .getResourcesList()
            .forEach(resource -> each.accept(new Resource(resource.getType(), resource.getId())));
      } catch (StatusRuntimeException e) {
        boolean ended = e.getStatus().getCode() == Status.Code.NOT_FOUND;
        if (!ended) {
          throw e;
        }
      }
    }
  }

  @Override
  public void subscribe(List<String> filters, Runnable changed, Runnable ended) {
    EventsGrpc.newStub(channel)
        .subscribe(
            SubscribeRequest.newBuilder().addAllFilters(filters).build(),
            new StreamObserver<>() {
              @Override
              public void onNext(Envelope event) {
                changed.run();
              }

              @Override
              public void onError(Throwable failure) {
                ended.run();
              }

              @Override
              public void onCompleted() {
                ended.run();
              }
            });
  }

  @Override
  public boolean knows(String namespace, String key) {
    try {
      var unused =
          ClientCalls.blockingUnaryCall(
              ClientInterceptors.intercept(channel, header(namespace)),
              STAT,
              CallOptions.DEFAULT.withDeadlineAfter(SHORT_DEADLINE_SECONDS, TimeUnit.SECONDS),
              StatKnownSnapshotRequest.newBuilder()
                  .setSnapshotter(ViewReader.SNAPSHOTTER)
                  .setKey(key)
                  .build());
      return true;
    } catch (StatusRuntimeException e) {
      if (e.getStatus().getCode() == Status.Code.NOT_FOUND) {
        return false;
      }
      throw e;
    }
  }

  private static ClientInterceptor header(String namespace) {
    Metadata headers = new Metadata();
    headers.put(NAMESPACE, namespace);
    return MetadataUtils.newAttachHeadersInterceptor(headers);
  }

  private static <S extends AbstractStub<S>> S in(String namespace, S stub) {
    return stub.withInterceptors(header(namespace))
        .withDeadlineAfter(DEADLINE_SECONDS, TimeUnit.SECONDS);
  }

  @Override
  public void close() {
    connection.close();
  }
}
