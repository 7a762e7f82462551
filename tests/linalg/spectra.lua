-- spectra.lua: derivatives that are declared whole, held against differences: of matrices with more rows than
-- columns, of functions that are not 0 at 0, by what the function reads
local cr = require "crescent"
cr.default_dtype "f64"
local L = cr.linalg
local A, t = cr.input("A", {4, 3}), cr.input("t", {})
local S = cr.matmul(A.T, A) + cr.eye(3)
local wave = L.spectral(A, function(s) return cr.cos(s * t) end)
return cr.program("spectra", {
  f = cr.entry{inputs = {A, t}, outputs = {wave = wave, polar = L.polar(A),
    power = L.powm(S, t), x = L.lstsq(A, cr.tanh(A)), y = L.cg(S, cr.sin(A(0, 0)) + t * cr.ones{3}),
    g = cr.vjp(wave, {A}, A)[1]}},
})
