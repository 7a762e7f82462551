# backbone: narrow versions of the three nets build, have torchvision's names, learn a batch, and load weights
fail() { echo "backbone: $*" >&2; exit 1; }
cat >draw.lua <<'END'
local cr = require "crescent"
local N, side = 4, 64
return cr.program("draw", { draw = cr.entry{ inputs = {}, outputs = {
  image = 255 * cr.random.uniform({N, side, side, 3}), label = cr.cast(cr.arange(N), "i32") } } })
END
"$CRESCENT" run -O1 draw.lua run draw --quiet --out image=i.npy --out label=l.npy
for net in alexnet vgg16 resnet18; do
  rate=0.002
  [ $net != resnet18 ] || rate=0.02 # batch normalisation allows it
  "$CRESCENT" build -O1 "$SRC/examples/backbone/model.lua" -D net=$net -D divide=16 -D side=64 -D classes=4 -D rate=$rate -o $net
  ./$net train --quiet --data image=i.npy --data label=l.npy --epochs 25 --save $net.safetensors --log $net.csv
  ./$net run predict --quiet --weights $net.safetensors --in image=i.npy --out prob=p.npy
done
# the middle of a photograph: what is outside the inner 7/8 of its square is not in it
cat >frame.lua <<'END'
local cr = require "crescent"
local i, j, c = cr.index "i j c"
local out = cr.logical_or(cr.logical_or(cr.lt(i, 8), cr.ge(i, 120)), cr.logical_or(cr.lt(j, 24), cr.ge(j, 136)))
return cr.program("frame", { draw = cr.entry{ inputs = {}, outputs = { p = cr.tensor({i, j, c}, cr.where(out, 255, c * 40), {128, 160, 3}) } } })
END
"$CRESCENT" run -O1 frame.lua run draw --quiet --out p=frame.png
./resnet18 run cut --in photo=frame.png | grep -q '{64, 64, 3}.* from 0 to 80 ' || fail "the middle of a picture"
./resnet18 info >info
for name in conv1.weight bn1.running_var layer1.0.conv1.weight layer2.0.downsample.0.weight layer4.1.bn2.bias fc.weight; do
  grep -q "^  $name " info || fail "no parameter $name"
done
./vgg16 info | grep -q '^  features.28.bias ' || fail "VGG's names"
./alexnet info | grep -q '^  classifier.6.weight ' || fail "AlexNet's names"
awk -F, 'NR == 2 { a = $5 } END { exit !($5 < 0.5 * a) }' resnet18.csv || fail "$(tail -1 resnet18.csv)"
if ./vgg16 run predict --weights alexnet.safetensors --in image=i.npy --out prob=x.npy 2>err; then fail "AlexNet's weights in VGG"; fi
[ "$(wc -l <err)" = 1 ] || fail "$(cat err)"
if "$CRESCENT" build -O1 "$SRC/examples/backbone/model.lua" -D net=lenet -o x 2>err; then fail "there is no net lenet"; fi
grep -q 'net is alexnet, vgg16 or resnet18, not lenet' err || fail "$(cat err)"
