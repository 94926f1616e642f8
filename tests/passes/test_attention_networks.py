"""Published networks with attention: their numbers of parameters, and their weights."""

from compiled import canonical, graph_of

#: Dosovitskiy et al. 2021, ViT-B/16. Query, key and value are three layers here.
VIT = """
block encoder(heads, hidden) {
    residual {
        ln_1: layer_norm(eps = 1e-6)
        start: identity
        query: linear(in.channels)
        from start
        key: linear(in.channels)
        from start
        value: linear(in.channels)
        attend(query, key, value, heads = heads)
        out_proj: linear(in.channels)
        dropout(0.0)
    }
    residual {
        ln_2: layer_norm(eps = 1e-6)
        mlp: { linear(hidden); gelu; dropout(0.0); linear(in.channels); dropout(0.0) }
    }
}

model vit_b_16(width = 768, depth = 12, heads = 12, classes = 1000) {
    input(3, 224, 224)
    conv_proj: conv(width, 16, stride = 16, pad = 0)
    reshape(width, -1)
    class_token: token
    pos_embedding: offset(normal(0.02), per = "entry")
    stage layers: depth x encoder(heads, 4 * width)
    ln: layer_norm(eps = 1e-6)
    pick(0)
    head: linear(classes)
}
"""

#: Srinivas et al. 2021: attention in the last stage of a ResNet-50.
BOTNET = """
import std.resnet
defaults torchvision

block attention(heads = 4) {
    query: conv(in.channels, 1)
    from in
    key: conv(in.channels, 1)
    from in
    value: conv(in.channels, 1)
    attend(query, key, value, heads = heads, relative = true)
}

block bot(width, stride = 1) {
    residual {
        conv1: conv(width, 1); bn1: batch_norm; relu
        mhsa: attention
        if stride > 1 { avg_pool(2, stride = stride) }
        bn2: batch_norm; relu
        conv3: conv(4 * width, 1); bn3: batch_norm
    } shortcut downsample: projection
    relu
}

model botnet50(classes = 1000) {
    input(3, 224, 224)
    conv1: conv(64, 7, stride = 2); bn1: batch_norm; relu
    max_pool(3, stride = 2)
    stage layer1: 3 x bottleneck(64)
    stage layer2: 4 x bottleneck(128, stride = 2)
    stage layer3: 6 x bottleneck(256, stride = 2)
    stage layer4: 3 x bot(512, stride = 2)
    global_avg_pool
    fc: linear(classes)
}
"""


def test_vit_has_the_published_number_of_parameters() -> None:
    graph = graph_of(VIT)
    assert graph.parameters == 86_567_656
    assert graph.output_types[0].shape == (1000,)
    shapes = canonical(graph)
    assert shapes["class_token"] == (768, 1)
    assert shapes["pos_embedding"] == (768, 197)
    assert shapes["layers.11.mlp.0.weight"] == (3072, 768)


def test_the_products_of_attention_count() -> None:
    with_more_heads = graph_of(VIT, heads=6)
    assert with_more_heads.macs == graph_of(VIT).macs
    # Patches, twelve encoders of linear layers and two products, and the head.
    encoder = 197 * 12 * 768**2 + 2 * 197**2 * 768
    assert graph_of(VIT).macs == 196 * 768 * 768 + 12 * encoder + 768 * 1000


def test_vectors_for_distances_follow_the_positions() -> None:
    shapes = canonical(graph_of(BOTNET))
    assert shapes["layer4.0.mhsa.attend1.rel_height"] == (27, 128)
    assert shapes["layer4.1.mhsa.attend1.rel_width"] == (13, 128)
