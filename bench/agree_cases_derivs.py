"""The cases of agree_derivs.py."""
import functools
import numpy as np
import jax, jax.numpy as jnp
from jax import lax
from agree_derivs import deriv

N = lambda r, s: r.standard_normal(s)
P = lambda r, s: r.uniform(.3, 2., s)
U = lambda r, s: r.uniform(0, 1, s)
I = lambda n: lambda r, s: r.integers(0, n, s).astype(np.int32)
B = lambda r, s: r.uniform(0, 1, s) < .6

S=[dict(N=7),dict(N=1),dict(N=2),dict(N=33)]
deriv("layernorm",dict(x=(("N",5),N),g=((5,),P),b=((5,),N)),'''
local m = cr.mean(x, 1, { keepdim = true })
local v = cr.mean((x - m) ^ 2, 1, { keepdim = true })
local y = (x - m) / cr.sqrt(v + 1e-3) * g + b''',lambda x,g,b:(x-x.mean(1,keepdims=True))/jnp.sqrt(x.var(1,keepdims=True)+1e-3)*g+b,sizes=S)
deriv("lnindex",dict(x=(("N","M"),N)),'''
local i, j, k = cr.index "i j k"
local m = cr.tensor({ i }, cr.mean(j, x(i, j)))
local v = cr.tensor({ i }, cr.mean(j, (x(i, j) - m(i)) ^ 2))
local y = cr.tensor({ i, j }, (x(i, j) - m(i)) * cr.rsqrt(v(i) + 0.01))''',lambda x:(x-x.mean(1,keepdims=True))/jnp.sqrt(x.var(1,keepdims=True)+1e-2),sizes=[dict(N=3,M=9),dict(N=1,M=1),dict(N=31,M=33)])
def att(q,k,v,m):
    s=jnp.where(m,q@k.T/jnp.sqrt(4.),-jnp.inf)
    return jax.nn.softmax(s,1)@v
deriv("attmask",dict(q=(("T",4),N),k=(("S",4),N),v=(("S",3),N),m=(("T","S"),lambda r,s:(r.uniform(0,1,s)<.6)|(np.arange(s[1])==0)[None])),'''
local s = cr.where(m, cr.matmul(q, cr.transpose(k)) / 2, -math.huge)
local y = cr.matmul(cr.softmax(s, 1), v)''',att,sizes=[dict(T=5,S=7),dict(T=1,S=1),dict(T=31,S=2)])
deriv("attlib",dict(q=((2,3,"T",4),N),k=((2,3,"T",4),N),v=((2,3,"T",5),N)),'''local y = cr.attention(q, k, v, { causal = true })''',
 lambda q,k,v:(lambda s:jax.nn.softmax(jnp.where(jnp.tril(jnp.ones(s.shape[-2:],bool)),s,-jnp.inf),-1)@v)(q@jnp.swapaxes(k,-1,-2)/2),sizes=[dict(T=5),dict(T=1),dict(T=17)])
def lstm(x,h,c,W,U,b):
    def st(s,u):
        h,c=s; a=W@u+U@h+b; i,f,g,o=jnp.split(a,4)
        c=jax.nn.sigmoid(f)*c+jax.nn.sigmoid(i)*jnp.tanh(g); h=jax.nn.sigmoid(o)*jnp.tanh(c)
        return (h,c),h
    (h,c),ys=lax.scan(st,(h,c),x)
    return jnp.concatenate([ys.sum(0),h,c])
for o,tag in (("",""),(", { checkpoint = true }","ck"),(", { checkpoint = 3 }","ck3"),(", { unroll = 2 }","un2"),(", { unroll = 3, checkpoint = 2 }","unck")):
    deriv("lstm"+tag,dict(x=(("T",2),N),h=((3,),N),c=((3,),N),W=((12,2),N),U=((12,3),N),b=((12,),N)),f'''
local last, ys = cr.scan(function(s, u)
  local a = cr.matmul(W, u) + cr.matmul(U, s[1]) + b
  local p = cr.split(a, 3)
  local c2 = cr.sigmoid(p[2]) * s[2] + cr.sigmoid(p[1]) * cr.tanh(p[3])
  local h2 = cr.sigmoid(p[4]) * cr.tanh(c2)
  return {{ h2, c2 }}, h2
end, {{ h, c }}, x{o})
local y = cr.cat({{ cr.sum(ys, 0), last[1], last[2] }})''',lstm,sizes=[dict(T=7),dict(T=1),dict(T=2),dict(T=9)],kinds=("f64d",) if tag else ("f64d","f32"),wrt=["x","h","U","b"])
def gru(x,h,wi,wh,bi,bh):
    def st(h,u):
        a=u@wi.T+bi; b=h@wh.T+bh
        ar,az,an=jnp.split(a,3,-1); br,bz,bn=jnp.split(b,3,-1)
        r=jax.nn.sigmoid(ar+br); z=jax.nn.sigmoid(az+bz); n=jnp.tanh(an+r*bn)
        h=(1-z)*n+z*h
        return h,h
    return lax.scan(st,h,x)[1]
deriv("gru",dict(x=(("T","B",2),N),h=(("B",3),N),wi=((9,2),N),wh=((9,3),N),bi=((9,),N),bh=((9,),N)),'local y = cr.gru(x, h, wi, wh, bi, bh)',gru,sizes=[dict(T=4,B=2),dict(T=1,B=1),dict(T=3,B=1)],wrt=["x","wi","wh"],order=2)
deriv("cnn1d",dict(x=(("B",2,"L"),N),w=((3,2,3),N),w2=((2,3,5),N)),'''
local h = cr.tanh(cr.conv1d(x, w, { padding = 1 }))
local y = cr.conv1d(h, w2, { stride = 2, padding = 2 })''',lambda x,w,w2:lax.conv_general_dilated(jnp.tanh(lax.conv_general_dilated(x,w,(1,),[(1,1)])),w2,(2,),[(2,2)]),sizes=[dict(B=2,L=9),dict(B=1,L=1),dict(B=1,L=33),dict(B=3,L=2)])
deriv("depthwise",dict(x=((2,4,"H","W"),N),w=((4,1,3,3),N)),'local y = cr.conv2d(x, w, { padding = 1, groups = 4 })',lambda x,w:lax.conv_general_dilated(x,w,(1,1),[(1,1),(1,1)],feature_group_count=4),sizes=[dict(H=5,W=7),dict(H=1,W=1),dict(H=2,W=31)])
def convidx(x,w):
    xp=jnp.pad(x,((2,2),(2,2)),mode="symmetric")
    return lax.conv_general_dilated(xp[None,None],w[None,None],(2,2),"VALID",rhs_dilation=(2,2))[0,0]
deriv("convidx",dict(x=((9,11),N),w=((3,3),N)),'''
local i, j, a, b = cr.index "i j a b"
local y = cr.tensor({ i, j }, cr.sum({ a, b }, w(a, b) * cr.mirror(x)(2 * i + 2 * a - 2, 2 * j + 2 * b - 2)), { 5, 6 })''',convidx)
deriv("convT",dict(x=((2,3,4,5),N),w=((3,2,3,3),N)),'local y = cr.conv_transpose2d(x, w, { stride = 2, padding = 1, output_padding = 1 })',
 lambda x,w:lax.conv_general_dilated(x,jnp.swapaxes(w[:,:,::-1,::-1],0,1),(1,1),[(1,2),(1,2)],lhs_dilation=(2,2)))
deriv("separable",dict(x=(("H","W"),N),u=((5,),N),v=((3,),N)),'''
local i, j, k = cr.index "i j k"
local z = cr.tensor({ i, j }, cr.sum(k, u(k) * cr.clamp_to_edge(x)(i + k - 2, j)))
local y = cr.tensor({ i, j }, cr.sum(k, v(k) * cr.reflect(z)(i, j + k - 1)))''',
 lambda x,u,v:(lambda z:sum(v[k]*jnp.pad(z,((0,0),(1,1)),mode="reflect")[:,k:k+x.shape[1]] for k in range(3)))(sum(u[k]*jnp.pad(x,((2,2),(0,0)),mode="edge")[k:k+x.shape[0]] for k in range(5))),sizes=[dict(H=6,W=7),dict(H=1,W=2),dict(H=2,W=3),dict(H=31,W=33)])
def bil(im,px,py):
    H,W=im.shape
    x0=jnp.floor(px).astype(int);y0=jnp.floor(py).astype(int);fx=px-x0;fy=py-y0
    g=lambda a,b:im[jnp.clip(a,0,H-1),jnp.clip(b,0,W-1)]
    return (1-fy)*((1-fx)*g(y0,x0)+fx*g(y0,x0+1))+fy*((1-fx)*g(y0+1,x0)+fx*g(y0+1,x0+1))
deriv("bilinear",dict(im=((6,7),N),px=(("M",),lambda r,s:r.uniform(-1,7,s)),py=(("M",),lambda r,s:r.uniform(-1,6,s))),'''
local n = cr.index "n"
local c = cr.clamp_to_edge(im)
local x0, y0 = cr.cast(cr.floor(px), "i32"), cr.cast(cr.floor(py), "i32")
local fx, fy = px - cr.floor(px), py - cr.floor(py)
local y = cr.tensor({ n }, (1 - fy(n)) * ((1 - fx(n)) * c(y0(n), x0(n)) + fx(n) * c(y0(n), x0(n) + 1))
  + fy(n) * ((1 - fx(n)) * c(y0(n) + 1, x0(n)) + fx(n) * c(y0(n) + 1, x0(n) + 1)))''',bil,sizes=[dict(M=11),dict(M=1),dict(M=300)])
deriv("tv",dict(x=(("H","W"),N)),'''
local i, j = cr.index "i j"
local c = cr.clamp_to_edge(x)
local y = cr.sum(cr.sqrt(cr.tensor({ i, j }, (c(i + 1, j) - x(i, j)) ^ 2 + (c(i, j + 1) - x(i, j)) ^ 2) + 1e-2))''',
 lambda x:jnp.sum(jnp.sqrt((jnp.pad(x,((0,1),(0,0)),mode="edge")[1:]-x)**2+(jnp.pad(x,((0,0),(0,1)),mode="edge")[:,1:]-x)**2+1e-2)),sizes=[dict(H=5,W=6),dict(H=1,W=1),dict(H=2,W=33)])
deriv("gmm",dict(x=(("N",3),N),mu=((4,3),N),ls=((4,3),lambda r,s:.3*r.standard_normal(s)),al=((4,),N)),'''
local n, k, d = cr.index "n k d"
local q = cr.tensor({ n, k }, al(k) - cr.sum(d, ls(k, d)) - 0.5 * cr.sum(d, ((x(n, d) - mu(k, d)) * cr.exp(-ls(k, d))) ^ 2))
local y = cr.sum(cr.tensor({ n }, cr.logsumexp(k, q(n, k)))) - 0.1 * cr.logsumexp(al)''',
 lambda x,mu,ls,al:jnp.sum(jax.nn.logsumexp(al-ls.sum(1)-.5*jnp.sum(((x[:,None]-mu)*jnp.exp(-ls))**2,-1),1))-.1*jax.nn.logsumexp(al),sizes=[dict(N=9),dict(N=1),dict(N=129)])
def fwd(A,E,p):
    def st(a,e): 
        a=jax.nn.logsumexp(a[:,None]+A,0)+e
        return a,a
    l,_=lax.scan(st,p+E[0],E[1:])
    return jax.nn.logsumexp(l)
deriv("forwardalg",dict(A=((4,4),N),E=(("T",4),N),p=((4,),N)),'''
local i, j = cr.index "i j"
local rest = cr.slice(E, 0, 1)
local last = cr.scan(function(a, e)
  return cr.tensor({ j }, cr.logsumexp(i, a(i) + A(i, j)) + e(j))
end, p + E:slice(0, 0, 1):reshape{4}, rest)
local y = cr.logsumexp(last)''',fwd,sizes=[dict(T=6),dict(T=2),dict(T=33)])
deriv("crfmarg",dict(A=((4,4),N),E=(("T",4),N)),'''
local i, j = cr.index "i j"
local last = cr.scan(function(a, e)
  return cr.tensor({ j }, cr.logsumexp(i, a(i) + A(i, j)) + e(j))
end, cr.zeros{4}, E, { checkpoint = 2 })
local gg = cr.grad(cr.logsumexp(last), { E, A })
local y = cr.sum(gg[2]) * gg[1]''',lambda A,E:(lambda g:g[0].sum()*g[1])(jax.grad(lambda A,E:jax.nn.logsumexp(lax.scan(lambda a,e:(jax.nn.logsumexp(a[:,None]+A,0)+e,0.),jnp.zeros(4),E)[0]),(0,1))(A,E)),sizes=[dict(T=5),dict(T=1)],order=1)
def vit(A,E):
    def st(a,e):
        s=a[:,None]+A
        return s.max(0)+e, jnp.argmax(s,0)
    l,bp=lax.scan(st,E[0],E[1:])
    b=jnp.argmax(l)
    def bk(s,p): return p[s],p[s]
    _,path=lax.scan(bk,b,bp,reverse=True)
    return l.max(),jnp.concatenate([path,b[None]])
deriv("viterbi",dict(A=((4,4),N),E=(("T",4),N)),'''
local i, j = cr.index "i j"
local last, bp = cr.scan(function(a, e)
  local s = cr.tensor({ i, j }, a(i) + A(i, j))
  return cr.max(s, 0) + e, cr.argmax(s, 0)
end, cr.reshape(cr.slice(E, 0, 0, 1), {4}), cr.slice(E, 0, 1))
local b = cr.argmax(last, 0)
local _, path = cr.scan(function(s, p) local q = cr.tensor({}, p(s)); return q, q end, b, bp, { reverse = true })
local y = cr.max(last) + 0.5 * cr.sum(cr.cast(path, E.dtype)) + cr.cast(b, E.dtype)''',lambda A,E:(lambda v,p:v+.5*p[:-1].sum()+p[-1])(*vit(A,E)),sizes=[dict(T=7),dict(T=2),dict(T=40)])
def edit(a,b,c):
    # soft edit distance
    D=lambda i,j:(a[i]-b[j])**2
    n,m=a.shape[0],b.shape[0]
    def row(prev,ai):
        def cell(left,pj):
            up,diag,bj=pj
            v=-jax.nn.logsumexp(jnp.stack([-(left+c),-(up+c),-(diag+(ai-bj)**2)]))
            return v,v
        f=prev[0]+c
        _,r=lax.scan(cell,f,(prev[1:],prev[:-1],b))
        r=jnp.concatenate([f[None],r]); return r,r[-1]
    l,s=lax.scan(row,jnp.arange(m+1)*c,a)
    return l[-1]+s.sum()
deriv("softedit",dict(a=(("n",),N),b=(("m",),N),c=((),P)),'''
local k = cr.index "k"
local last, s = cr.scan(function(prev, ai)
  local first = prev(0) + c
  local _, r = cr.scan(function(left, p)
    local v = -cr.logsumexp(cr.stack({ -(left + c), -(p[1] + c), -(p[2] + (ai - p[3]) ^ 2) }))
    return v, v
  end, first, { cr.slice(prev, 0, 1), cr.slice(prev, 0, 0, m), b })
  local row = cr.cat({ cr.reshape(first, {1}), r })
  return row, row(m)
end, cr.tensor({ k }, k * c, { m + 1 }), a)
local y = last(m) + cr.sum(s)''',edit,sizes=[dict(n=3,m=4),dict(n=1,m=1),dict(n=2,m=5)],order=2,kinds=("f64d","f64s","f32"))
deriv("power",dict(A=((5,5),N),x=((5,),N)),'''
local v = cr.iterate(6, function(v) local u = cr.matmul(A, v); return u / cr.sqrt(cr.sum(u * u)) end, x)
local y = cr.sum(v * cr.matmul(A, v))''',lambda A,x:(lambda v:v@A@v)(functools.reduce(lambda v,_:(lambda u:u/jnp.sqrt(u@u))(A@v),range(6),x)),tol=30)
deriv("newton",dict(a=(("N",),P),b=((),P)),'''
local y = cr.iterate(8, function(x) return x - (x ^ 3 + b * x - a) / (3 * x ^ 2 + b) end, cr.ones_like(a))''',
 lambda a,b:functools.reduce(lambda x,_:x-(x**3+b*x-a)/(3*x**2+b),range(8),jnp.ones_like(a)),sizes=[dict(N=5),dict(N=1),dict(N=33)])
def rk4(p,x0):
    f=lambda x:jnp.stack([x[0]*(p[0]-p[1]*x[1]),x[1]*(p[2]*x[0]-p[3])])
    def st(x,_):
        k1=f(x);k2=f(x+.05*k1);k3=f(x+.05*k2);k4=f(x+.1*k3)
        x=x+.1/6*(k1+2*k2+2*k3+k4); return x,x
    return lax.scan(st,x0,None,length=9)[1]
deriv("rk4",dict(p=((4,),P),x0=((2,),P)),'''
local function f(x) return cr.stack({ x(0) * (p(0) - p(1) * x(1)), x(1) * (p(2) * x(0) - p(3)) }) end
local _, y = cr.scan(function(x)
  local k1 = f(x)
  local k2 = f(x + 0.05 * k1)
  local k3 = f(x + 0.05 * k2)
  local k4 = f(x + 0.1 * k3)
  local n = x + 0.1 / 6 * (k1 + 2 * k2 + 2 * k3 + k4)
  return n, n
end, x0, nil, { length = 9 })''',rk4)
def inv3(a):
    return jax.vmap(jnp.linalg.inv)(a)
deriv("inv3",dict(a=(("N",3,3),lambda r,s:r.standard_normal(s)+4*np.eye(3))),'''
local n, i, j = cr.index "n i j"

local cof = cr.tensor({ n, i, j }, a(n, (i + 1) % 3, (j + 1) % 3) * a(n, (i + 2) % 3, (j + 2) % 3) - a(n, (i + 1) % 3, (j + 2) % 3) * a(n, (i + 2) % 3, (j + 1) % 3), { N, 3, 3 })
local det = cr.tensor({ n }, cr.sum(j, a(n, 0, j) * cof(n, 0, j)))
local y = cr.tensor({ n, i, j }, cof(n, j, i) / det(n))''',inv3,sizes=[dict(N=4),dict(N=1),dict(N=33)])
deriv("emb",dict(W=((7,3),N),id=(("N",2),I(7)),v=(("N",3),N)),'''
local n, k, d = cr.index "n k d"
local e = cr.tensor({ n, d }, cr.sum(k, W(id(n, k), d)))
local s = cr.scatter({ 7, 3 }, "sum", { n, d }, { id(n, 0), d }, v(n, d) * e(n, d))
local y = s * W + cr.sum(cr.sin(cr.embedding(id, W)))''',lambda W,id,v:(lambda e:jnp.zeros((7,3)).at[id[:,0]].add(v*e)*W+jnp.sum(jnp.sin(W[id])))(W[id].sum(1)),sizes=[dict(N=5),dict(N=1),dict(N=200)])
deriv("hist",dict(x=(("N",),U),w=(("N",),N)),'''
local n, b = cr.index "n b"
local bin = cr.cast(cr.floor(x * 8), "i32")
local h = cr.scatter({ 8 }, "sum", { n }, { bin(n) }, w(n))
local c = cr.scatter({ 8 }, "sum", { n }, { bin(n) }, 1.0, { N })
local oh = cr.one_hot(bin, 8)
local y = h * h + c + cr.matmul(w, oh)''',lambda x,w:(lambda b:(lambda h:h*h+jnp.zeros(8).at[b].add(1.)+h)(jnp.zeros(8).at[b].add(w)))(jnp.floor(x*8).astype(int)),wrt=["w"],sizes=[dict(N=9),dict(N=1),dict(N=3000)])
deriv("cumsums",dict(x=(("N",3),N)),'''
local i, j, k = cr.index "i j k"
local a = cr.tensor({ i, j }, cr.sum(k, cr.where(cr.le(k, i), x(k, j), 0)), { N, 3 })
local y = cr.exp(a * 0.1) * cr.cumsum(x, 0) + cr.cumprod(x, 1) + cr.logcumsumexp(x, 0)''',lambda x:jnp.exp(.1*jnp.cumsum(x,0))*jnp.cumsum(x,0)+jnp.cumprod(x,1)+lax.cumlogsumexp(x,0),sizes=[dict(N=6),dict(N=1),dict(N=33)])
deriv("kmeans",dict(x=(("N",3),N),c=((4,3),N)),'''
local i, j, k = cr.index "i j k"
local d = cr.tensor({ i, k }, cr.sum(j, (x(i, j) - c(k, j)) ^ 2))
local a = cr.argmin(d, 1)
local w = cr.tensor({ i, k }, cr.where(cr.eq(a(i), k), 1.0, 0.0), { N, 4 })
local n = cr.tensor({ k }, cr.sum(i, w(i, k)))
local y = cr.tensor({ k, j }, cr.sum(i, w(i, k) * x(i, j)) / cr.maximum(n(k), 1)) + c * cr.sum(cr.min(d, 1))''',
 lambda x,c:(lambda d:(lambda w:(w.T@x)/jnp.maximum(w.sum(0),1)[:,None]+c*d.min(1).sum())(jax.nn.one_hot(jnp.argmin(d,1),4,dtype=x.dtype)))(((x[:,None]-c)**2).sum(-1)),sizes=[dict(N=11),dict(N=1),dict(N=65)])
deriv("diagsym",dict(x=(("N","N"),N)),'''
local i, j = cr.index "i j"
local s = cr.tensor({ i, j }, x(i, j) + x(j, i))
local d = cr.tensor({ i }, x(i, i) * x(N - 1 - i, i))
local y = cr.tensor({ i, j }, s(i, j) * d(i) * s(N - 1 - j, N - 1 - i))''',lambda x:(lambda s,d:s*d[:,None]*s[::-1,::-1].T)(x+x.T,jnp.diag(x)*jnp.diag(x[::-1])),sizes=[dict(N=5),dict(N=1),dict(N=2),dict(N=33)])
deriv("idxarith",dict(x=((12,),N)),'''
local i, j = cr.index "i j"
local a = cr.tensor({ i, j }, x(4 * i + j) * x(11 - (i * 5 + j) % 12), { 3, 4 })
local b = cr.tensor({ i }, a(i // 4, i % 4) * x(i // 2) + x((i * 7 + 3) % 12), { 12 })
local y = cr.tensor({ i }, b(2 * i + 1) - b(10 - 2 * i), { 6 })''',
 lambda x:(lambda a:(lambda b:b[2*np.arange(6)+1]-b[10-2*np.arange(6)])(a.ravel()*x[np.arange(12)//2]+x[(np.arange(12)*7+3)%12]))(x.reshape(3,4)*x[11-(np.arange(3)[:,None]*5+np.arange(4))%12]))
deriv("whernan",dict(x=(("N",),N)),'''
local y = cr.where(x:gt(0), cr.sqrt(cr.where(x:gt(0), x, 1)), 0) + cr.where(cr.gt(x, 0.0), cr.log(x), x * 2) + cr.where(cr.lt(x, 0.1), cr.sum(x), 1 / x)''',
 lambda x:(lambda z:jnp.where(x>0,jnp.sqrt(z),0)+jnp.where(x>0,jnp.log(z),2*x)+jnp.where(x<.1,x.sum(),1/jnp.where(x<.1,1.,x)))(jnp.where(x>0,x,1.)),sizes=[dict(N=7),dict(N=1),dict(N=33)],tol=10)
deriv("rank5",dict(x=((2,3,1,2,"N"),N),s=((),N)),'''
local a, b, c, d, e = cr.index "a b c d e"
local y = cr.tensor({ e, c, a }, cr.sum({ b, d }, x(a, b, c, d, e) * x(1 - a, 2 - b, c, 1 - d, e) * s())) * s''',
 lambda x,s:jnp.einsum("abcde->eca",x*x[::-1,::-1,:,::-1]*s)*s,sizes=[dict(N=3),dict(N=1),dict(N=33)])
deriv("bools",dict(x=(("N",4),N),m=(("N",4),B)),'''
local i, j = cr.index "i j"
local any, all = cr.tensor({ i }, cr.any(j, m(i, j))), cr.all(m, 1)
local p = cr.logical_and(any, cr.logical_not(all))
local y = cr.where(cr.unsqueeze(p, 1), x, 0) * cr.cast(m, x.dtype) + cr.cast(cr.any(m), x.dtype) * x + cr.sum(cr.cast(all, x.dtype)) + cr.tensor({ i, j }, cr.where(cr.logical_or(m(i, j), all(i)), x(i, j) ^ 2, 0))''',
 lambda x,m:(lambda an,al:jnp.where((an&~al)[:,None],x,0)*m+m.any()*x+al.sum()+jnp.where(m|al[:,None],x*x,0))(m.any(1),m.all(1)),sizes=[dict(N=5),dict(N=1),dict(N=33)])
deriv("einsums",dict(a=((3,4,5),N),b=((5,4),N),c=((3,),N)),'''
local y = cr.einsum("ijk,kj->i", a, b) * cr.einsum("i,ijk->i", c, a) + cr.einsum("ijk->i", a) + cr.einsum("i,i,i->i", c, c, c) + cr.einsum("kj,kj->", b, b) + cr.sum(cr.einsum("ijk,kl,lj,i->jk", a, cr.matmul(b, cr.transpose(b)), b, c))''',
 lambda a,b,c:jnp.einsum("ijk,kj->i",a,b)*jnp.einsum("i,ijk->i",c,a)+a.sum((1,2))+c**3+(b*b).sum()+jnp.einsum("ijk,kl,lj,i->jk",a,b@b.T,b,c).sum())
deriv("matmuls",dict(u=(("K",),N),A=(("M","K"),N),B4=((2,1,"K",3),N),C=((5,"M","K"),N)),'''
local y = cr.sum(cr.matmul(u, u)) * cr.matmul(A, u) + cr.sum(cr.matmul(C, B4)) + cr.sum(cr.tanh(cr.matmul(u, B4))) + cr.sum(cr.matmul(cr.transpose(A), A)) + cr.sum(cr.matmul(C, u) ^ 2)''',
 lambda u,A,B4,C:(u@u)*(A@u)+jnp.sum(C@B4)+jnp.sum(jnp.tanh(u@B4))+jnp.sum(A.T@A)+jnp.sum((C@u)**2),sizes=[dict(M=3,K=4),dict(M=1,K=1),dict(M=31,K=33)],tol=3)
deriv("shapes2",dict(x=(("N",4),N)),'''
local s = cr.split(x, { 1, 3 }, 1)
local a = cr.cat({ s[2], cr.roll(x, 1, 1), cr.flip(s[1], { 0 }) }, 1)
local b = cr.pad(a, { 1, 2 }, { value = 3 })
local c = cr.tile(b, { 2, 1 })
local d = cr.repeat_interleave(b, 2, 0)
local y = c * d + cr.sum(cr.stack({ x, cr.sin(x) }, 1) ^ 2) + cr.sum(cr.tril(x) * cr.triu(x, 1)) + cr.sum(cr.roll(x, 3, 0) * x)''',
 lambda x:(lambda b:jnp.tile(b,(2,1))*jnp.repeat(b,2,0)+jnp.sum(jnp.stack([x,jnp.sin(x)],1)**2)+jnp.sum(jnp.roll(x,3,0)*x))(jnp.pad(jnp.concatenate([x[:,1:],jnp.roll(x,1,1),x[::-1,:1]],1),((0,0),(1,2)),constant_values=3)),sizes=[dict(N=5),dict(N=1),dict(N=2)])
deriv("distances",dict(x=(("N","K"),N),z=(("M","K"),N)),'''
local i, j, k = cr.index "i j k"
local own = cr.tensor({ i, j }, cr.sum(k, (x(i, k) - x(j, k)) ^ 2), { N, N })
local far = cr.tensor({ i, j }, cr.sum(k, (x(i, k) - z(j, k)) ^ 2), { N, M })
local y = cr.mean(cr.exp(-0.02 * own)) + cr.mean(cr.exp(-0.04 * own)) + cr.sum(cr.exp(-0.03 * far), 1)''',
 lambda x,z:(lambda own,far:jnp.exp(-.02*own).mean()+jnp.exp(-.04*own).mean()+jnp.exp(-.03*far).sum(1))(((x[:,None]-x[None])**2).sum(-1),((x[:,None]-z[None])**2).sum(-1)),sizes=[dict(N=9,M=5,K=17),dict(N=1,M=1,K=1),dict(N=33,M=17,K=20)])
deriv("mmd",dict(x=(("N",3),N),z=(("M",3),N)),'''
local function k(a, b)
  local i, j, d = cr.index "i j d"
  local q = cr.tensor({ i, j }, cr.sum(d, (a(i, d) - b(j, d)) ^ 2))
  return cr.mean(cr.exp(-q / 2) + cr.exp(-q / 8) + 1 / (1 + q))
end
local y = k(x, x) + k(z, z) - 2 * k(x, z)''',lambda x,z:(lambda k:k(x,x)+k(z,z)-2*k(x,z))(lambda a,b:(lambda q:jnp.mean(jnp.exp(-q/2)+jnp.exp(-q/8)+1/(1+q)))(((a[:,None]-b)**2).sum(-1))),sizes=[dict(N=5,M=4),dict(N=1,M=1),dict(N=65,M=33)],tol=50)
def inner(w,a):
    L=lambda w:jnp.sum((a*w-1)**2)+jnp.sum(jnp.sin(w))
    for _ in range(3): w=w-.1*jax.grad(L)(w)
    return w
deriv("mapgrad",dict(w=(("N",3),N),A=(("N",3),N)),'''
local y = cr.map(function(u, a)
  return cr.iterate(3, function(v) return v - 0.1 * cr.grad(cr.sum((a * v - 1) ^ 2) + cr.sum(cr.sin(v)), v) end, u)
end, { w, A })''',lambda w,A:jax.vmap(inner)(w,A),sizes=[dict(N=5),dict(N=1),dict(N=33)])
deriv("func2",dict(a=((3,),N),b=((2,4),N)),'''
local f = cr.func("f", function(x) return cr.sum(cr.exp(cr.sin(x))) * x end)
local y = cr.sum(f(f(a))) * f(b) + f(cr.reshape(f(b), {8}))(2)''',lambda a,b:(lambda f:jnp.sum(f(f(a)))*f(b)+f(f(b).ravel())[2])(lambda x:jnp.sum(jnp.exp(jnp.sin(x)))*x),order=2,tol=10)
deriv("cvjp",dict(x=(("N",),N),s=((),N)),'''
local clip = cr.custom_vjp(function(x) return cr.sin(x) * 2 end, function(yb, x, y) return yb * cr.cos(x) * 2 end)
local y = clip(x * s) * cr.stop_gradient(x) + cr.stop_gradient(s * x) * x''',lambda x,s:2*jnp.sin(x*s)*lax.stop_gradient(x)+lax.stop_gradient(s*x)*x,sizes=[dict(N=5),dict(N=1)],order=2,tol=10)
for m,k,n in ((1,1000,1),(1000,1,3),(7,1000,3),(129,65,257),(1,1,1),(31,33,2)):
    deriv(f"mm_{m}_{k}_{n}",dict(A=((m,k),N),B=((k,n),N)),'local y = cr.matmul(A, B) * 0.1',lambda A,B:A@B*.1,order=1,kinds=("f64","f32"),tol=3)
deriv("ties",dict(x=((4,4),lambda r,s:r.integers(0,3,s).astype(float))),'''
local y = cr.max_pool2d(cr.reshape(x, {1, 1, 4, 4}), 2):reshape{4} + cr.cast(cr.argmax(x, 1), x.dtype) + cr.cast(cr.argmin(x, 0), x.dtype) + cr.max(x, 1)''',
 lambda x:lax.reduce_window(x,-jnp.inf,lax.max,(2,2),(2,2),"VALID").ravel()+jnp.argmax(x,1)+jnp.argmin(x,0)+jnp.max(x,1),order=0)
deriv("bn_gan",dict(x=(("N",3),N),w=((3,),N)),'''
local m, v = cr.mean(x, 0), cr.var(x, 0, { unbiased = false })
local h = (x - m) * cr.rsqrt(v + 1e-2) 
local d = cr.matmul(h, w)
local y = cr.mean(cr.softplus(-d)) + cr.mean(cr.relu(1 - d)) - cr.mean(cr.log(cr.sigmoid(d))) + cr.mean(cr.bce_with_logits(d, cr.zeros_like(d))) + cr.logsumexp(d * 100) - cr.sum(cr.log(cr.softmax(d, 0)))''',
 lambda x,w:(lambda d:jnp.mean(jax.nn.softplus(-d))*2+jnp.mean(jax.nn.relu(1-d))+jnp.mean(jax.nn.softplus(d))+jax.nn.logsumexp(d*100)-jnp.sum(jax.nn.log_softmax(d)))(((x-x.mean(0))/jnp.sqrt(x.var(0)+1e-2))@w),sizes=[dict(N=6),dict(N=1),dict(N=33)],tol=50)

# Control that depends on data
def halve(x):
    def st(c,_):
        go=jnp.sum(c*c)>1
        return jnp.where(go,jnp.sin(c)*.8,c),None
    return lax.scan(st,x,None,length=20)[0]
deriv("while",dict(x=((4,),P)),'''
local y = cr.while_loop(function(c) return cr.gt(cr.sum(c * c), 1) end,
  function(c) return cr.sin(c) * 0.8 end, x, { max = 20 })''',halve)
deriv("whilemap",dict(x=(("N",3),lambda r,s:r.uniform(.3,4.,s))),'''
local y = cr.map(function(row)
  return cr.while_loop(function(c) return cr.gt(cr.sum(c * c), 1) end,
    function(c) return cr.sin(c) * 0.8 end, row, { max = 20 })
end, x)''',lambda x:jax.vmap(halve)(x),sizes=[dict(N=5),dict(N=1),dict(N=17)])
def branch(x,w):
    return lax.cond(jnp.sum(x)>0,lambda:jnp.sin(w@x)*x[0],lambda:jnp.exp(-x)*(x@w))
COND='''cr.cond(cr.gt(cr.sum(x), 0), function() return cr.sin(cr.matmul(w, x)) * x(0) end,
  function() return cr.exp(-x) * cr.matmul(x, w) end)'''
deriv("cond",dict(x=((3,),N),w=((3,3),N)),'local y = '+COND,branch)
deriv("condnot",dict(x=((3,),lambda r,s:-P(r,s)),w=((3,3),N)),'local y = '+COND,branch)
deriv("condmap",dict(x=(("N",3),N),w=((3,3),N)),'local y = cr.map(function(x) return '+COND+' end, x)',lambda x,w:jax.vmap(lambda r:branch(r,w))(x),sizes=[dict(N=6),dict(N=1)])
deriv("condscan",dict(x=(("T",3),N),w=((3,3),N)),'''
local last, y = cr.scan(function(c, u)
  local x = c * 0.5 + u
  local n = '''+COND+'''
  return n, n * 2
end, x(0), x)'''.replace('x(0), x)','cr.slice(x, 0, 0, 1):reshape{3}, x)'),lambda x,w:lax.scan(lambda c,u:(lambda n:(n,n*2))(branch(c*.5+u,w)),x[0],x)[1],sizes=[dict(T=5),dict(T=1)],kinds=("f64d",))
def equilibrium(w,b):
    return lax.scan(lambda z,_:(jnp.tanh(.3*w@z+b),None),jnp.zeros_like(b),None,length=80)[0]
deriv("fixed",dict(w=((4,4),lambda r,s:r.uniform(-1,1,s)),b=((4,),N)),'''
local y = cr.fixed_point(function(z) return cr.tanh(cr.matmul(w, z) * 0.3 + b) end, cr.zeros{4}, { tol = TOL })'''.replace('TOL','1e-7'),equilibrium,kinds=("f32",))
deriv("fixed64",dict(w=((4,4),lambda r,s:r.uniform(-1,1,s)),b=((4,),N)),'''
local y = cr.fixed_point(function(z) return cr.tanh(cr.matmul(w, z) * 0.3 + b) end, cr.zeros({4}, "f64"), { tol = 1e-15 })''',equilibrium,kinds=("f64d",))

# Chains
def chain_logz(u,p,a,z,n):
    def one(u,n):
        def st(c,x):
            e,t=x
            return jnp.where(t<n,jax.nn.logsumexp(c[:,None]+p,0)+e,c),None
        al=lax.scan(st,u[0]+a,(u[1:],jnp.arange(1,u.shape[0])))[0]
        return jax.nn.logsumexp(al+z)
    return jax.vmap(one)(u,n)
CH=dict(u=(("B","T",3),N),p=((3,3),N),a=((3,),N),z=((3,),N),n=(("B",),lambda r,s:np.where(np.arange(s[0])%2,1,4).astype(np.int32)))
CHS=[dict(B=3,T=4),dict(B=1,T=6)]
deriv("crfz",CH,'local y = cr.crf.log_partition(u, p, { lengths = n, start = a, stop = z })',chain_logz,sizes=CHS)
deriv("crfent",CH,'local y = cr.crf.entropy(u, p, { lengths = n, start = a, stop = z })',
 lambda u,p,a,z,n:(lambda lz,g:lz-sum(jnp.sum(m*t,tuple(range(1,m.ndim))) for m,t in zip(g,(u,)))-jax.vmap(lambda uu,nn:jnp.sum(jax.grad(lambda q:chain_logz(uu[None],q,a,z,nn[None])[0])(p)*p)+jnp.sum(jax.grad(lambda q:chain_logz(uu[None],p,q,z,nn[None])[0])(a)*a)+jnp.sum(jax.grad(lambda q:chain_logz(uu[None],p,a,q,nn[None])[0])(z)*z))(u,n))(chain_logz(u,p,a,z,n),(jax.grad(lambda q:jnp.sum(chain_logz(q,p,a,z,n)))(u),)),sizes=CHS,kinds=("f64d",),order=2)
deriv("crfmarg",CH,'local y = cr.crf.marginals(u, p, { lengths = n, start = a, stop = z })',
 lambda u,p,a,z,n:jax.grad(lambda q:jnp.sum(chain_logz(q,p,a,z,n)))(u),sizes=CHS,order=2)
